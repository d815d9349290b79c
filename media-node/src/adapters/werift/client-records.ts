import { DTLS_1_2, FINISHED } from '../../core/media/dtls-message.ts';
import { splitRecords } from '../../core/media/dtls-record.ts';
import type { DtlsSocket } from './werift-dtls-corrections.ts';

const HEADER_BYTES = 13;
const [EPOCH_AT, NUMBER_AT, NUMBER_BYTES] = [3, 5, 6] as const;
const HANDSHAKE = 22;
const CLIENT_FLIGHT = 5;

/**
 * What a DTLS client of werift 0.25.2 sends, numbered: it repeats a flight by the very records of
 * before, which a peer that has seen them drops as replays. A retransmission is a new record (RFC 6347
 * §4.2.2): else a Finished of the server that is lost would never be said again.
 */
export class ClientRecords {
  readonly #client: DtlsSocket;
  #nextClear = 0;
  #lastProtected: number | undefined;

  constructor(client: DtlsSocket) {
    this.#client = client;
  }

  numbered(datagram: Uint8Array): Uint8Array {
    return Buffer.concat(
      splitRecords(datagram).map((it) => {
        const record = Buffer.from(it);
        return record.readUInt16BE(EPOCH_AT) === 0 ? this.#clear(record) : this.#protected(record);
      }),
    );
  }

  #clear(record: Buffer): Buffer {
    record.writeUIntBE(this.#nextClear, NUMBER_AT, NUMBER_BYTES);
    this.#nextClear += 1;
    return record;
  }

  /** Nothing but Finished: the first time as it is, then under another number and so another nonce. */
  #protected(record: Buffer): Buffer {
    const finished = this.#client.dtls.handshakeCache[CLIENT_FLIGHT]?.data.find(
      (it) => it.msg_type === FINISHED,
    );
    if (this.#lastProtected === undefined || !finished) {
      this.#lastProtected = record.readUIntBE(NUMBER_AT, NUMBER_BYTES);
      return record;
    }
    this.#lastProtected += 1;
    const fragment = finished.serialize();
    const sealed = this.#client.cipher.cipher.encrypt(this.#client.sessionType, fragment, {
      ...{ type: HANDSHAKE, version: DTLS_1_2, epoch: 1 },
      sequenceNumber: this.#lastProtected,
    });
    const header = record.subarray(0, HEADER_BYTES);
    header.writeUIntBE(this.#lastProtected, NUMBER_AT, NUMBER_BYTES);
    return Buffer.concat([header, sealed]);
  }
}
