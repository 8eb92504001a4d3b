/** How far a client's time may be from the channel's, either way: asked by endorsers, and again by the orderer. */
export const CLIENT_CLOCK_SKEW_MAX_MS = 60_000;

/** Name of the metadata entry that holds a key's own endorsement policy. @source fabric-protos peer/policy.proto, MetaDataKeys */
export const VALIDATION_PARAMETER = "VALIDATION_PARAMETER";
