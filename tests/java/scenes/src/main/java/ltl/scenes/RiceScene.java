package ltl.scenes;

import com.aliyuncs.ltl.model.v20190510.CreateMPCoSPhaseGroupRequest;
import com.aliyuncs.ltl.model.v20190510.CreateMPCoSPhaseRequest;
import com.aliyuncs.ltl.model.v20190510.CreateMemberRequest;
import com.aliyuncs.ltl.model.v20190510.DescribeMPCoSAuthorizedInfoRequest;
import com.aliyuncs.ltl.model.v20190510.DescribeMPCoSPhaseInfoRequest;
import com.aliyuncs.ltl.model.v20190510.ListMPCoSPhaseRequest;
import com.aliyuncs.ltl.model.v20190510.ListMemberRequest;
import com.aliyuncs.ltl.model.v20190510.ListMultiPartyCollaborationChainRequest;
import com.aliyuncs.ltl.model.v20190510.UpdateMPCoSAuthorizedInfoRequest;
import com.aliyuncs.ltl.model.v20190510.UploadMPCoSPhaseTextInfoRequest;
import java.util.ArrayList;
import java.util.LinkedList;
import java.util.List;

/** Section 6.2: rice from field to shop, three members with a phase each. */
final class RiceScene {
  private final Settings settings;
  private final Calls administrator;
  private final List<Calls> members;
  String bizChainId;
  String phaseGroupId;
  final List<String> phaseIds = new ArrayList<>();
  final List<String> memberIds = new ArrayList<>();

  RiceScene(Settings settings, Calls administrator, List<Calls> members) {
    this.settings = settings;
    this.administrator = administrator;
    this.members = members;
  }

  void run() {
    createModel();
    for (Settings.Account member : settings.members)
      memberIds.add(createMember(administrator, bizChainId, member, "createMember" + memberIds.size()));
    listMembers();
    for (int index = 0; index < memberIds.size(); index += 1) authorize(index);
    for (int index = 0; index < memberIds.size(); index += 1) describeAuthorized(index);
    for (int index = 0; index < members.size(); index += 1) upload(index);
    for (int index = 0; index < members.size(); index += 1) describe(index);
  }

  private void createModel() {
    ListMultiPartyCollaborationChainRequest chains = new ListMultiPartyCollaborationChainRequest();
    chains.setApiVersion(Calls.API_VERSION);
    chains.setNum(1);
    chains.setSize(10);
    bizChainId = administrator.call("listCollaborationChain", chains).getData().getPageData().get(0).getBizChainId();
    CreateMPCoSPhaseGroupRequest group = new CreateMPCoSPhaseGroupRequest();
    group.setApiVersion(Calls.API_VERSION);
    group.setBizChainId(bizChainId);
    group.setName("大米溯源");
    group.setRemark("备注");
    phaseGroupId = administrator.call("createPhaseGroup", group).getData();
    for (String name : settings.rice.phaseNames) createPhase(name);
    ListMPCoSPhaseRequest phases = new ListMPCoSPhaseRequest();
    phases.setApiVersion(Calls.API_VERSION);
    phases.setBizChainId(bizChainId);
    phases.setPhaseGroupId(phaseGroupId);
    phases.setNum(1);
    phases.setSize(10);
    administrator.call("listPhase", phases);
  }

  private void createPhase(String name) {
    CreateMPCoSPhaseRequest request = new CreateMPCoSPhaseRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setBizChainId(bizChainId);
    request.setPhaseGroupId(phaseGroupId);
    request.setName(name);
    request.setRemark(name);
    phaseIds.add(administrator.call("createPhase" + phaseIds.size(), request).getData());
  }

  static String createMember(Calls calls, String bizChainId, Settings.Account member, String step) {
    CreateMemberRequest request = new CreateMemberRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setBizChainId(bizChainId);
    request.setMemberName(member.name);
    request.setMemberUid(member.uid);
    request.setMemberContact("联系人");
    request.setMemberPhone("000-0000-0000");
    request.setRemark(member.name);
    return calls.call(step, request).getData();
  }

  private void listMembers() {
    ListMemberRequest request = new ListMemberRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setNum(1);
    request.setSize(10);
    request.setBizChainId(bizChainId);
    administrator.call("listMember", request);
  }

  private void authorize(int index) {
    UpdateMPCoSAuthorizedInfoRequest request = new UpdateMPCoSAuthorizedInfoRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setBizChainId(bizChainId);
    request.setPhaseGroupId(phaseGroupId);
    request.setMemberId(memberIds.get(index));
    List<Object> phaseIdList = new LinkedList<>();
    phaseIdList.add(phaseIds.get(index));
    request.setAuthorizedPhaseList(phaseIdList);
    administrator.call("updateAuthorizedInfo" + index, request);
  }

  private void describeAuthorized(int index) {
    DescribeMPCoSAuthorizedInfoRequest request = new DescribeMPCoSAuthorizedInfoRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setBizChainId(bizChainId);
    request.setPhaseGroupId(phaseGroupId);
    request.setMemberId(memberIds.get(index));
    administrator.call("describeAuthorizedInfo" + index, request);
  }

  /** Each member's record depends on that of the member before it. */
  private void upload(int index) {
    Settings.Upload upload = settings.rice.uploads.get(index);
    UploadMPCoSPhaseTextInfoRequest request = new UploadMPCoSPhaseTextInfoRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setBizChainId(bizChainId);
    request.setPhaseGroupId(phaseGroupId);
    request.setPhaseId(phaseIds.get(index));
    request.setDataKey(upload.dataKey);
    request.setDataSeq(upload.dataSeq);
    request.setPhaseData(upload.phaseData);
    if (index > 0) {
      Settings.Upload earlier = settings.rice.uploads.get(index - 1);
      List<Object> relatedDataList = new LinkedList<>();
      Settings.RelatedData relatedData = new Settings.RelatedData();
      relatedData.relatedPhaseId = phaseIds.get(index - 1);
      relatedData.relatedDataKey = earlier.dataKey;
      relatedData.relatedDataSeq = earlier.dataSeq;
      relatedData.relatedPhaseData = earlier.phaseData;
      relatedDataList.add(relatedData);
      request.setRelatedDataList(relatedDataList);
    }
    members.get(index).call("uploadText" + index, request);
  }

  /** Everybody on the chain reads everything: the member after it reads each record. */
  private void describe(int index) {
    Settings.Upload upload = settings.rice.uploads.get(index);
    DescribeMPCoSPhaseInfoRequest request = new DescribeMPCoSPhaseInfoRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setBizChainId(bizChainId);
    request.setPhaseGroupId(phaseGroupId);
    request.setPhaseId(phaseIds.get(index));
    request.setDataKey(upload.dataKey);
    request.setDataSeq(upload.dataSeq);
    members.get((index + 1) % members.size()).call("describePhaseInfo" + index, request);
  }
}
