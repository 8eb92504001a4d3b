package ltl.scenes;

import com.aliyuncs.ltl.model.v20190510.AttachDataRequest;
import com.aliyuncs.ltl.model.v20190510.AttachDataWithSignatureRequest;
import com.aliyuncs.ltl.model.v20190510.DescribeCapacityInfoRequest;
import com.aliyuncs.ltl.model.v20190510.DescribeMemberCapacityInfoRequest;
import com.aliyuncs.ltl.model.v20190510.DescribeResourceInfoRequest;
import com.aliyuncs.ltl.model.v20190510.GetHistoryDataCountRequest;
import com.aliyuncs.ltl.model.v20190510.GetHistoryDataListRequest;
import com.aliyuncs.ltl.model.v20190510.ListPSMemberDataTypeCodeRequest;
import com.aliyuncs.ltl.model.v20190510.SetDataRequest;

/** The other actions on a proof chain. */
final class ProofRest {
  private final Settings.ProofScene proof;
  private final Settings.Account member;
  private final Calls administrator;
  private final String bizChainId;
  private final String chainCode;

  ProofRest(Settings settings, Calls administrator, String bizChainId) {
    proof = settings.proof;
    member = settings.members.get(0);
    this.administrator = administrator;
    this.bizChainId = bizChainId;
    chainCode = proof.key.split("_")[1];
  }

  void run() {
    write();
    history();
    usage();
    RiceScene.createMember(administrator, bizChainId, member, "createProofMember");
    ListPSMemberDataTypeCodeRequest codes = new ListPSMemberDataTypeCodeRequest();
    codes.setApiVersion(Calls.API_VERSION);
    codes.setBizChainId(bizChainId);
    codes.setNum(1);
    codes.setSize(10);
    administrator.call("listDataTypeCode", codes);
  }

  private void write() {
    SetDataRequest set = new SetDataRequest();
    set.setApiVersion(Calls.API_VERSION);
    set.setProductKey(chainCode);
    set.setKey(proof.plainKey);
    set.setValue("first");
    administrator.call("setData", set);
    AttachDataRequest attach = new AttachDataRequest();
    attach.setApiVersion(Calls.API_VERSION);
    attach.setProductKey(chainCode);
    attach.setKey(proof.plainKey);
    attach.setValue("second");
    attach.setBusinessId(proof.businessId);
    administrator.call("attachData", attach);
    AttachDataWithSignatureRequest signed = new AttachDataWithSignatureRequest();
    signed.setApiVersion(Calls.API_VERSION);
    signed.setProductKey(chainCode);
    signed.setKey(proof.plainKey);
    signed.setValue(proof.attached.data);
    signed.setIotAuthType(proof.attached.authType);
    signed.setIotId(proof.attached.iotId);
    signed.setIotIdServiceProvider(proof.attached.serviceProvider);
    signed.setIotDataDigest(proof.attached.dataDigest);
    signed.setIotSignature(proof.attached.signature);
    signed.setIotIdSource(proof.attached.source);
    administrator.call("attachDataWithSignature", signed);
  }

  private void history() {
    GetHistoryDataCountRequest count = new GetHistoryDataCountRequest();
    count.setApiVersion(Calls.API_VERSION);
    count.setProductKey(chainCode);
    count.setKey(proof.plainKey);
    administrator.call("getHistoryDataCount", count);
    GetHistoryDataListRequest list = new GetHistoryDataListRequest();
    list.setApiVersion(Calls.API_VERSION);
    list.setProductKey(chainCode);
    list.setKey(proof.plainKey);
    list.setCurrentPage(1);
    list.setPageSize(10);
    administrator.call("getHistoryDataList", list);
  }

  private void usage() {
    DescribeResourceInfoRequest resources = new DescribeResourceInfoRequest();
    resources.setApiVersion(Calls.API_VERSION);
    resources.setBizChainId(bizChainId);
    administrator.call("describeResourceInfo", resources);
    DescribeCapacityInfoRequest capacity = new DescribeCapacityInfoRequest();
    capacity.setApiVersion(Calls.API_VERSION);
    capacity.setBizChainId(bizChainId);
    administrator.call("describeCapacityInfo", capacity);
  }

  /** Members have written to the collaboration chain alone. */
  static void memberUsage(Calls administrator, String bizChainId) {
    DescribeMemberCapacityInfoRequest request = new DescribeMemberCapacityInfoRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setBizChainId(bizChainId);
    administrator.call("describeMemberCapacityInfo", request);
  }
}
