package ltl.scenes;

import com.aliyuncs.ltl.model.v20190510.ListMemberRequest;
import com.aliyuncs.ltl.model.v20190510.LockMemberRequest;
import com.aliyuncs.ltl.model.v20190510.ModifyMemberRequest;
import com.aliyuncs.ltl.model.v20190510.UnLockMemberRequest;
import java.util.List;

/** The other actions on members. */
final class MembersRest {
  private final Settings settings;
  private final Calls administrator;
  private final String bizChainId;
  private final List<String> memberIds;

  MembersRest(Settings settings, Calls administrator, String bizChainId, List<String> memberIds) {
    this.settings = settings;
    this.administrator = administrator;
    this.bizChainId = bizChainId;
    this.memberIds = memberIds;
  }

  void run() {
    ProofRest.memberUsage(administrator, bizChainId);
    ModifyMemberRequest modify = new ModifyMemberRequest();
    modify.setApiVersion(Calls.API_VERSION);
    modify.setBizChainId(bizChainId);
    modify.setMemberId(memberIds.get(2));
    modify.setMemberUid(settings.members.get(2).uid);
    modify.setMemberName("大米零售方");
    modify.setMemberContact("王五");
    modify.setMemberPhone("139-2222-0000");
    administrator.call("modifyMember", modify);
    LockMemberRequest lock = new LockMemberRequest();
    lock.setApiVersion(Calls.API_VERSION);
    lock.setBizChainId(bizChainId);
    lock.setMemberId(memberIds.get(2));
    administrator.call("lockMember", lock);
    listOne("listLockedMember");
    UnLockMemberRequest unlock = new UnLockMemberRequest();
    unlock.setApiVersion(Calls.API_VERSION);
    unlock.setBizChainId(bizChainId);
    unlock.setMemberId(memberIds.get(2));
    administrator.call("unLockMember", unlock);
    listOne("listUnlockedMember");
  }

  private void listOne(String step) {
    ListMemberRequest request = new ListMemberRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setNum(1);
    request.setSize(10);
    request.setBizChainId(bizChainId);
    request.setMemberUid(settings.members.get(2).uid);
    administrator.call(step, request);
  }
}
