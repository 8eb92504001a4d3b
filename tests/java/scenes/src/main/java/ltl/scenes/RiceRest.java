package ltl.scenes;

import com.aliyuncs.ltl.model.v20190510.BatchUploadMPCoSPhaseDigestInfoByDeviceRequest;
import com.aliyuncs.ltl.model.v20190510.BatchUploadMPCoSPhaseDigestInfoRequest;
import com.aliyuncs.ltl.model.v20190510.BatchUploadMPCoSPhaseTextInfoByDeviceRequest;
import com.aliyuncs.ltl.model.v20190510.BatchUploadMPCoSPhaseTextInfoRequest;
import com.aliyuncs.ltl.model.v20190510.DescribeMPCoSPhaseInfoRequest;
import com.aliyuncs.ltl.model.v20190510.DescribeMPCoSResourceInfoRequest;
import com.aliyuncs.ltl.model.v20190510.ListMPCoSPhaseGroupRequest;
import com.aliyuncs.ltl.model.v20190510.ListMPCoSPhaseHistoryRequest;
import com.aliyuncs.ltl.model.v20190510.ListMPCoSPhaseRequest;
import com.aliyuncs.ltl.model.v20190510.ModifyMPCoSPhaseGroupRequest;
import com.aliyuncs.ltl.model.v20190510.ModifyMPCoSPhaseRequest;
import com.aliyuncs.ltl.model.v20190510.UploadMPCoSPhaseDigestInfoByDeviceRequest;
import com.aliyuncs.ltl.model.v20190510.UploadMPCoSPhaseDigestInfoRequest;
import com.aliyuncs.ltl.model.v20190510.UploadMPCoSPhaseTextInfoByDeviceRequest;
import java.util.ArrayList;
import java.util.List;

/** The other actions on a collaboration chain, all as its administrator on the first phase. */
final class RiceRest {
  /** Of the records that are uploaded one by one here, told apart by their order. */
  static final String SHARED_KEY = "shared-key";
  private static final String SEQUENCE_OF_DIGEST = "1-digest";
  private static final String SEQUENCE_OF_SIGNED_TEXT = "2-signed-text";
  private static final String SEQUENCE_OF_SIGNED_DIGEST = "3-signed-digest";
  private static final long HOUR_MS = 3_600_000;

  private final Settings.RiceScene rice;
  private final Calls administrator;
  private final String bizChainId;
  private final String groupId;
  private final String phaseId;

  RiceRest(Settings settings, Calls administrator, RiceScene scene) {
    rice = settings.rice;
    this.administrator = administrator;
    bizChainId = scene.bizChainId;
    groupId = scene.phaseGroupId;
    phaseId = scene.phaseIds.get(0);
  }

  void run() {
    modify();
    ProofScene.registerDevices(administrator, bizChainId, rice.text.serviceProvider, "registerRiceDevices");
    uploadDigest();
    uploadSignedText();
    uploadSignedDigest();
    uploadBatches();
    uploadSignedTextBatch();
    uploadSignedDigestBatch();
    describe("describeSignedText", SHARED_KEY, SEQUENCE_OF_SIGNED_TEXT);
    describe("describeBatchItem", rice.textItems.get(1).dataKey, rice.textItems.get(1).dataSeq);
    describe("describeSignedBatchItem", rice.signedTextItems.get(1).dataKey, rice.signedTextItems.get(1).dataSeq);
    describe("describeSignedDigestItem", rice.signedDigestItems.get(0).dataKey, rice.signedDigestItems.get(0).dataSeq);
    listHistory();
    DescribeMPCoSResourceInfoRequest resources = new DescribeMPCoSResourceInfoRequest();
    resources.setApiVersion(Calls.API_VERSION);
    resources.setBizChainId(bizChainId);
    administrator.call("describeMPCoSResourceInfo", resources);
  }

  private void modify() {
    ModifyMPCoSPhaseGroupRequest group = new ModifyMPCoSPhaseGroupRequest();
    group.setApiVersion(Calls.API_VERSION);
    group.setBizChainId(bizChainId);
    group.setPhaseGroupId(groupId);
    group.setName("大米溯源二");
    administrator.call("modifyPhaseGroup", group);
    ListMPCoSPhaseGroupRequest groups = new ListMPCoSPhaseGroupRequest();
    groups.setApiVersion(Calls.API_VERSION);
    groups.setBizChainId(bizChainId);
    groups.setName("大米溯源二");
    groups.setNum(1);
    groups.setSize(10);
    administrator.call("listPhaseGroup", groups);
    ModifyMPCoSPhaseRequest phase = new ModifyMPCoSPhaseRequest();
    phase.setApiVersion(Calls.API_VERSION);
    phase.setBizChainId(bizChainId);
    phase.setPhaseId(phaseId);
    phase.setName("水稻种植");
    phase.setRemark("新备注");
    administrator.call("modifyPhase", phase);
    ListMPCoSPhaseRequest phases = new ListMPCoSPhaseRequest();
    phases.setApiVersion(Calls.API_VERSION);
    phases.setBizChainId(bizChainId);
    phases.setPhaseGroupId(groupId);
    phases.setName("水稻种植");
    phases.setNum(1);
    phases.setSize(10);
    administrator.call("listModifiedPhase", phases);
  }

  private void uploadDigest() {
    UploadMPCoSPhaseDigestInfoRequest request = new UploadMPCoSPhaseDigestInfoRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setBizChainId(bizChainId);
    request.setPhaseGroupId(groupId);
    request.setPhaseId(phaseId);
    request.setDataKey(SHARED_KEY);
    request.setDataSeq(SEQUENCE_OF_DIGEST);
    request.setPhaseData(rice.digest.dataDigest.toLowerCase());
    administrator.call("uploadDigest", request);
  }

  private void uploadSignedText() {
    UploadMPCoSPhaseTextInfoByDeviceRequest request = new UploadMPCoSPhaseTextInfoByDeviceRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setBizChainId(bizChainId);
    request.setPhaseGroupId(groupId);
    request.setPhaseId(phaseId);
    request.setDataKey(SHARED_KEY);
    request.setDataSeq(SEQUENCE_OF_SIGNED_TEXT);
    request.setPhaseData(rice.text.data);
    request.setIotAuthType(rice.text.authType);
    request.setIotId(rice.text.iotId);
    request.setIotIdServiceProvider(rice.text.serviceProvider);
    request.setIotDataDigest(rice.text.dataDigest);
    request.setIotSignature(rice.text.signature);
    request.setIotIdSource(rice.text.source);
    administrator.call("uploadTextByDevice", request);
  }

  /** The phase's data is the digest of what the device signed. */
  private void uploadSignedDigest() {
    UploadMPCoSPhaseDigestInfoByDeviceRequest request = new UploadMPCoSPhaseDigestInfoByDeviceRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setBizChainId(bizChainId);
    request.setPhaseGroupId(groupId);
    request.setPhaseId(phaseId);
    request.setDataKey(SHARED_KEY);
    request.setDataSeq(SEQUENCE_OF_SIGNED_DIGEST);
    request.setPhaseData(rice.digest.dataDigest);
    request.setIotAuthType(rice.digest.authType);
    request.setIotId(rice.digest.iotId);
    request.setIotIdServiceProvider(rice.digest.serviceProvider);
    request.setIotDataDigest(rice.digest.dataDigest);
    request.setIotSignature(rice.digest.signature);
    request.setIotIdSource(rice.digest.source);
    administrator.call("uploadDigestByDevice", request);
  }

  private void uploadBatches() {
    BatchUploadMPCoSPhaseTextInfoRequest texts = new BatchUploadMPCoSPhaseTextInfoRequest();
    texts.setApiVersion(Calls.API_VERSION);
    texts.setBizChainId(bizChainId);
    texts.setPhaseGroupId(groupId);
    texts.setPhaseId(phaseId);
    rice.textItems.get(1).relatedDataList =
        List.of(related(rice.uploads.get(0)), related(rice.textItems.get(0)));
    texts.setPhaseDataList(new ArrayList<>(rice.textItems));
    administrator.call("batchUploadText", texts);
    BatchUploadMPCoSPhaseDigestInfoRequest digests = new BatchUploadMPCoSPhaseDigestInfoRequest();
    digests.setApiVersion(Calls.API_VERSION);
    digests.setBizChainId(bizChainId);
    digests.setPhaseGroupId(groupId);
    digests.setPhaseId(phaseId);
    digests.setPhaseDataList(new ArrayList<>(rice.digestItems));
    administrator.call("batchUploadDigest", digests);
  }

  /** A record of the scene that is on chain already. */
  private Settings.RelatedData related(Settings.Upload upload) {
    Settings.RelatedData related = new Settings.RelatedData();
    related.relatedPhaseId = phaseId;
    related.relatedDataKey = upload.dataKey;
    related.relatedPhaseData = upload.phaseData;
    related.relatedDataSeq = upload.dataSeq;
    return related;
  }

  /** An item that stands before it in the same batch; its newest record, whatever its order. */
  private Settings.RelatedData related(Settings.PhaseData item) {
    Settings.RelatedData related = new Settings.RelatedData();
    related.relatedPhaseId = phaseId;
    related.relatedDataKey = item.dataKey;
    related.relatedPhaseData = item.phaseData;
    return related;
  }

  private void uploadSignedTextBatch() {
    BatchUploadMPCoSPhaseTextInfoByDeviceRequest request = new BatchUploadMPCoSPhaseTextInfoByDeviceRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setBizChainId(bizChainId);
    request.setPhaseGroupId(groupId);
    request.setPhaseId(phaseId);
    request.setPhaseDataList(new ArrayList<>(rice.signedTextItems));
    request.setIotAuthType(rice.textBatch.authType);
    request.setIotId(rice.textBatch.iotId);
    request.setIotIdServiceProvider(rice.textBatch.serviceProvider);
    request.setIotDataDigest(rice.textBatch.dataDigest);
    request.setIotSignature(rice.textBatch.signature);
    request.setIotIdSource(rice.textBatch.source);
    administrator.call("batchUploadTextByDevice", request);
  }

  private void uploadSignedDigestBatch() {
    BatchUploadMPCoSPhaseDigestInfoByDeviceRequest request = new BatchUploadMPCoSPhaseDigestInfoByDeviceRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setBizChainId(bizChainId);
    request.setPhaseGroupId(groupId);
    request.setPhaseId(phaseId);
    request.setPhaseDataList(new ArrayList<>(rice.signedDigestItems));
    request.setIotAuthType(rice.digestBatch.authType);
    request.setIotId(rice.digestBatch.iotId);
    request.setIotIdServiceProvider(rice.digestBatch.serviceProvider);
    request.setIotDataDigest(rice.digestBatch.dataDigest);
    request.setIotSignature(rice.digestBatch.signature);
    request.setIotIdSource(rice.digestBatch.source);
    administrator.call("batchUploadDigestByDevice", request);
  }

  private void describe(String step, String dataKey, String dataSeq) {
    DescribeMPCoSPhaseInfoRequest request = new DescribeMPCoSPhaseInfoRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setBizChainId(bizChainId);
    request.setPhaseGroupId(groupId);
    request.setPhaseId(phaseId);
    request.setDataKey(dataKey);
    request.setDataSeq(dataSeq);
    administrator.call(step, request);
  }

  private void listHistory() {
    ListMPCoSPhaseHistoryRequest request = new ListMPCoSPhaseHistoryRequest();
    request.setApiVersion(Calls.API_VERSION);
    request.setBizChainId(bizChainId);
    request.setPhaseGroupId(groupId);
    request.setPhaseId(phaseId);
    request.setDataKey(SHARED_KEY);
    request.setStartTime(System.currentTimeMillis() - HOUR_MS);
    request.setEndTime(System.currentTimeMillis() + HOUR_MS);
    request.setNum(1);
    request.setSize(10);
    administrator.call("listPhaseHistory", request);
  }
}
