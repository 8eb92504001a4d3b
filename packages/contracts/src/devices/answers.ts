/** A device as it is handed over with an upload. Whether its signature is good is not decided here. */
export interface UploadingDeviceJson {
  /** Link ID2: 1 to 64 visible ASCII characters. */
  readonly iotId: string;
  /** 1 to 64 visible ASCII characters. */
  readonly productKey: string;
  /** `1` open platform, `2` IoT platform. */
  readonly source: string;
  /** The authentication code that the device gave, 1 to 512 visible ASCII characters; each is used once. */
  readonly code: string;
}

/** What a contract knows of a device that has uploaded. */
export interface DeviceJson {
  /** 16 decimal digits, the first not 0. */
  readonly deviceId: string;
  readonly iotId: string;
  /** Time of the transaction with its first upload. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Transactions with its uploads; a batch counts once. */
  readonly uploads: number;
}

export interface DevicesPageJson {
  readonly total: number;
  readonly devices: readonly DeviceJson[];
}
