package ltl.scenes;

import com.aliyuncs.ltl.model.v20190510.GetBlockChainInfoRequest;
import com.aliyuncs.ltl.model.v20190510.GetDataRequest;
import com.aliyuncs.ltl.model.v20190510.ListProofChainRequest;
import com.aliyuncs.ltl.model.v20190510.ListProofChainResponse.Data.ProofChainInfo;
import com.aliyuncs.ltl.model.v20190510.RegisterDeviceGroupRequest;
import com.aliyuncs.ltl.model.v20190510.SetDataWithSignatureRequest;

/** Section 6.1: data of a device goes to the chain with its signature. */
final class ProofScene {
  private final Settings settings;
  private final Calls administrator;

  ProofScene(Settings settings, Calls administrator) {
    this.settings = settings;
    this.administrator = administrator;
  }

  /** Returns the chain's id. */
  String run() {
    ProofChainInfo chain = listChains();
    registerDevices(administrator, chain.getBizChainId(), settings.proof.set.serviceProvider, "registerProofDevices");
    setData(chain.getBizChainCode());
    readBack(chain.getBizChainCode());
    return chain.getBizChainId();
  }

  private ProofChainInfo listChains() {
    ListProofChainRequest request = new ListProofChainRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setNum(1);
    request.setSize(10);
    return administrator.call("listProofChain", request).getData().getPageData().get(0);
  }

  /** What the console does in section 3.1.2. */
  static String registerDevices(Calls calls, String bizChainId, String productKey, String step) {
    RegisterDeviceGroupRequest request = new RegisterDeviceGroupRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setBizChainId(bizChainId);
    request.setProductKey(productKey);
    request.setDeviceGroupName("温度计");
    request.setAuthorizeType("ID2");
    request.setRemark("备注");
    return calls.call(step, request).getData();
  }

  private void setData(String chainCode) {
    Settings.Signed signed = settings.proof.set;
    SetDataWithSignatureRequest request = new SetDataWithSignatureRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setProductKey(chainCode);
    request.setKey(settings.proof.key);
    request.setValue(signed.data);
    request.setIotAuthType(signed.authType);
    request.setIotId(signed.iotId);
    request.setIotIdServiceProvider(signed.serviceProvider);
    request.setIotDataDigest(signed.dataDigest);
    request.setIotSignature(signed.signature);
    request.setIotIdSource(signed.source);
    administrator.call("setDataWithSignature", request);
  }

  private void readBack(String chainCode) {
    GetDataRequest data = new GetDataRequest();
    data.setApiVersion(Calls.API_VERSION);
    data.setProductKey(chainCode);
    data.setKey(settings.proof.key);
    administrator.call("getSignedData", data);
    GetBlockChainInfoRequest block = new GetBlockChainInfoRequest();
    block.setApiVersion(Calls.API_VERSION);
    block.setProductKey(chainCode);
    block.setKey(settings.proof.key);
    administrator.call("getSignedBlockChainInfo", block);
  }
}
