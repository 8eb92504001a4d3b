import { Fault, faultUnless } from "../core/fault.ts";
import { FieldReader, WIRE_BYTES, WIRE_VARINT } from "../core/protobuf.ts";

const UNDERSCORE = 0x5f;

/** What a read-write set is walked for. Keys are ranges of `bytes`; `block` is -1 for a key read as absent. */
export interface ReadWriteVisitor {
  read(
    bytes: Buffer,
    namespaceStart: number,
    namespaceEnd: number,
    keyStart: number,
    keyEnd: number,
    block: number,
    index: number,
  ): void;
  write(
    bytes: Buffer,
    namespaceStart: number,
    namespaceEnd: number,
    keyStart: number,
    keyEnd: number,
    isDelete: boolean,
  ): void;
}

/**
 * The inner layers of a serial transaction: exactly one action, no endorsements, a proposal response with the read-write set. Read in place and strictly, as
 * {@link EnvelopeView} does.
 * @source Fabric's transaction.proto, proposal_response.proto, rwset.proto, kv_rwset.proto
 */
export class ActionView {
  /** The chaincode_proposal_payload. */
  proposalStart = 0;
  proposalEnd = 0;
  proposalHashStart = 0;
  proposalHashEnd = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #resultsStart = 0;
  #resultsEnd = 0;
  readonly #reader = new FieldReader();
  readonly #namespaces = new FieldReader();
  readonly #entries = new FieldReader();
  readonly #entry = new FieldReader();
  readonly #version = new FieldReader();

  /** @throws Fault */
  read(bytes: Buffer, transactionStart: number, transactionEnd: number): void {
    this.#bytes = bytes;
    const reader = this.#reader.open(bytes, transactionStart, transactionEnd);
    reader.take(1, "a transaction has no action");
    const actionStart = reader.start;
    const actionEnd = reader.end;
    reader.finish("a transaction has more than one action");
    this.#readAction(actionStart, actionEnd);
  }

  /** Hands over the reads and writes in their order, namespace by namespace. @throws Fault */
  walk(visitor: ReadWriteVisitor): void {
    const reader = this.#namespaces.open(this.#bytes, this.#resultsStart, this.#resultsEnd);
    while (reader.nextAscending(1 << 2)) {
      // data_model 0 (key-value) is not written; nothing else is ours.
      faultUnless(reader.field === 2 && reader.wire === WIRE_BYTES, "a read-write set has an unknown field");
      this.#walkNamespace(visitor, reader.start, reader.end);
    }
  }

  #readAction(start: number, end: number): void {
    const reader = this.#reader.open(this.#bytes, start, end);
    let payloadStart = 0;
    let payloadEnd = 0;
    while (reader.nextAscending(0)) {
      faultUnless(reader.field <= 2 && reader.wire === WIRE_BYTES, "an action has an unknown field");
      if (reader.field === 2) {
        payloadStart = reader.start;
        payloadEnd = reader.end;
      }
    }
    const payload = reader.open(this.#bytes, payloadStart, payloadEnd);
    payload.take(1, "an action has no proposal");
    this.proposalStart = payload.start;
    this.proposalEnd = payload.end;
    payload.take(2, "an action has no result");
    const endorsedStart = payload.start;
    const endorsedEnd = payload.end;
    payload.finish("an action's payload has an unknown field");
    const endorsed = payload.open(this.#bytes, endorsedStart, endorsedEnd);
    endorsed.take(1, "an action has no proposal response");
    const responseStart = endorsed.start;
    const responseEnd = endorsed.end;
    endorsed.finish("a serial transaction carries endorsements");
    this.#readResponse(responseStart, responseEnd);
  }

  #readResponse(start: number, end: number): void {
    const reader = this.#reader.open(this.#bytes, start, end);
    reader.take(1, "a transaction has no proposal hash");
    this.proposalHashStart = reader.start;
    this.proposalHashEnd = reader.end;
    this.#resultsStart = this.#resultsEnd = 0;
    if (!reader.next()) return;
    faultUnless(reader.field === 2 && reader.wire === WIRE_BYTES, "a proposal response has an unknown field");
    const extensionStart = reader.start;
    const extensionEnd = reader.end;
    reader.finish("a proposal response has an unknown field");
    const action = reader.open(this.#bytes, extensionStart, extensionEnd);
    while (action.nextAscending(0)) {
      // results, events, response, chaincode_id
      faultUnless(action.field <= 4 && action.wire === WIRE_BYTES, "a chaincode action has an unknown field");
      if (action.field === 1) {
        this.#resultsStart = action.start;
        this.#resultsEnd = action.end;
      }
    }
  }

  #walkNamespace(visitor: ReadWriteVisitor, start: number, end: number): void {
    const reader = this.#entries.open(this.#bytes, start, end);
    reader.take(1, "a namespace has no name");
    const nameStart = reader.start;
    const nameEnd = reader.end;
    if (this.#bytes[nameStart] === UNDERSCORE) throw new Fault("a serial transaction is in a system namespace");
    if (!reader.next()) return;
    faultUnless(reader.field === 2 && reader.wire === WIRE_BYTES, "a namespace has an unknown field");
    const setStart = reader.start;
    const setEnd = reader.end;
    reader.finish("a namespace has an unknown field");
    const set = reader.open(this.#bytes, setStart, setEnd);
    // reads 1, range queries 2, writes 3, metadata writes 4
    while (set.nextAscending((1 << 1) | (1 << 2) | (1 << 3))) {
      set.expect(WIRE_BYTES);
      if (set.field === 1) this.#read(visitor, nameStart, nameEnd, set.start, set.end);
      else if (set.field === 3) this.#write(visitor, nameStart, nameEnd, set.start, set.end);
      else faultUnless(set.field === 2, "a read-write set has an unknown field");
    }
  }

  #read(visitor: ReadWriteVisitor, nameStart: number, nameEnd: number, start: number, end: number): void {
    const reader = this.#entry.open(this.#bytes, start, end);
    let keyStart = 0;
    let keyEnd = 0;
    let block = -1;
    let index = -1;
    while (reader.nextAscending(0)) {
      faultUnless(reader.field <= 2 && reader.wire === WIRE_BYTES, "a read has an unknown field");
      if (reader.field === 1) {
        keyStart = reader.start;
        keyEnd = reader.end;
        continue;
      }
      block = 0;
      index = 0;
      const version = this.#version.open(this.#bytes, reader.start, reader.end);
      while (version.nextAscending(0)) {
        version.expect(WIRE_VARINT);
        if (version.field === 1) block = version.value;
        else if (version.field === 2) index = version.value;
        else throw new Fault("a version has an unknown field");
      }
    }
    visitor.read(this.#bytes, nameStart, nameEnd, keyStart, keyEnd, block, index);
  }

  #write(visitor: ReadWriteVisitor, nameStart: number, nameEnd: number, start: number, end: number): void {
    const reader = this.#entry.open(this.#bytes, start, end);
    let keyStart = 0;
    let keyEnd = 0;
    let isDelete = false;
    while (reader.nextAscending(0)) {
      if (reader.field === 2) {
        reader.expect(WIRE_VARINT);
        isDelete = reader.value !== 0;
        continue;
      }
      faultUnless(
        (reader.field === 1 || reader.field === 3) && reader.wire === WIRE_BYTES,
        "a write has an unknown field",
      );
      if (reader.field !== 1) continue;
      keyStart = reader.start;
      keyEnd = reader.end;
    }
    visitor.write(this.#bytes, nameStart, nameEnd, keyStart, keyEnd, isDelete);
  }
}
