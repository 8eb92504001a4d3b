package ltl.scenes;

import java.util.List;

/** What the program is told, as JSON on standard input. */
final class Settings {
  String endpoint;
  Account administrator;
  /** Grower, mill and shop of the second scene. */
  List<Account> members;
  ProofScene proof;
  RiceScene rice;

  static final class Account {
    String accessKeyId;
    String accessKeySecret;
    String uid;
    String name;
  }

  /** What a device signed, and its signature. */
  static final class Signed {
    String data;
    String authType;
    String iotId;
    String serviceProvider;
    String dataDigest;
    String signature;
    String source;
  }

  static final class ProofScene {
    String key;
    String plainKey;
    /** For a later record under the plain key. */
    Signed attached;
    Signed set;
    String businessId;
  }

  static final class RiceScene {
    List<String> phaseNames;
    List<Upload> uploads;
    Signed text;
    Signed digest;
    /** The lists of batches, as the client makes them of beans. */
    List<PhaseData> textItems;
    List<PhaseData> digestItems;
    List<PhaseData> signedTextItems;
    Signed textBatch;
    List<PhaseData> signedDigestItems;
    Signed digestBatch;
  }

  static final class Upload {
    String dataKey;
    String dataSeq;
    String phaseData;
  }

  /** The document's beans of list parameters; the client writes their fields in this order. */
  static final class PhaseData {
    String dataKey;
    String phaseData;
    String dataSeq;
    List<RelatedData> relatedDataList;
  }

  static final class RelatedData {
    String relatedPhaseId;
    String relatedDataKey;
    String relatedPhaseData;
    String relatedDataSeq;
  }
}
