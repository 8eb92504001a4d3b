package ltl.scenes;

import com.aliyuncs.ltl.model.v20190510.AuthorizeDeviceGroupRequest;
import com.aliyuncs.ltl.model.v20190510.AuthorizeDeviceRequest;
import com.aliyuncs.ltl.model.v20190510.ListDeviceGroupRequest;
import com.aliyuncs.ltl.model.v20190510.ListDeviceRequest;
import com.aliyuncs.ltl.model.v20190510.ListDeviceResponse.Data.DeviceInfo;
import com.aliyuncs.ltl.model.v20190510.UnAuthorizeDeviceGroupRequest;
import com.aliyuncs.ltl.model.v20190510.UnAuthorizeDeviceRequest;

/** Device groups and devices: taken off and put back. */
final class DevicesRest {
  private final Settings.Signed signed;
  private final Calls administrator;
  private final String bizChainId;

  DevicesRest(Settings settings, Calls administrator, String bizChainId) {
    signed = settings.proof.set;
    this.administrator = administrator;
    this.bizChainId = bizChainId;
  }

  void run() {
    String groupId = listGroups("listDeviceGroup");
    UnAuthorizeDeviceGroupRequest groupOff = new UnAuthorizeDeviceGroupRequest();
    groupOff.setApiVersion(Calls.API_VERSION);
    groupOff.setBizChainId(bizChainId);
    groupOff.setDeviceGroupId(groupId);
    administrator.call("unAuthorizeDeviceGroup", groupOff);
    listGroups("listUnauthorizedDeviceGroup");
    AuthorizeDeviceGroupRequest groupOn = new AuthorizeDeviceGroupRequest();
    groupOn.setApiVersion(Calls.API_VERSION);
    groupOn.setBizChainId(bizChainId);
    groupOn.setDeviceGroupId(groupId);
    administrator.call("authorizeDeviceGroup", groupOn);

    String deviceId = listDevices("listDevice", groupId).getDeviceId();
    UnAuthorizeDeviceRequest off = new UnAuthorizeDeviceRequest();
    off.setApiVersion(Calls.API_VERSION);
    off.setBizChainId(bizChainId);
    off.setDeviceGroupId(groupId);
    off.setDeviceId(deviceId);
    administrator.call("unAuthorizeDevice", off);
    listDevices("listUnauthorizedDevice", groupId);
    AuthorizeDeviceRequest on = new AuthorizeDeviceRequest();
    on.setApiVersion(Calls.API_VERSION);
    on.setBizChainId(bizChainId);
    on.setDeviceGroupId(groupId);
    on.setDeviceId(deviceId);
    administrator.call("authorizeDevice", on);
    listDevices("listAuthorizedDevice", groupId);
  }

  private String listGroups(String step) {
    ListDeviceGroupRequest request = new ListDeviceGroupRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setBizChainId(bizChainId);
    request.setProductKey(signed.serviceProvider);
    request.setNum(1);
    request.setSize(10);
    return administrator.call(step, request).getData().getPageData().get(0).getDeviceGroupId();
  }

  private DeviceInfo listDevices(String step, String groupId) {
    ListDeviceRequest request = new ListDeviceRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setBizChainId(bizChainId);
    request.setDeviceGroupId(groupId);
    request.setIotId(signed.iotId);
    request.setNum(1);
    request.setSize(10);
    return administrator.call(step, request).getData().getPageData().get(0);
  }
}
