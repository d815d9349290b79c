import { opcOfOp } from '../../functions/src/adapters/opc-of-op.ts';
import { encryptBlock } from '../../media-node/src/adapters/sipjs/digest-crypto.ts';
import { Milenage, opcOf } from '../../media-node/src/core/aka/milenage.ts';
import { MILENAGE_SETS } from './vectors/ts35208.ts';

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

describe('REG-6: 3GPP TS 35.206 §4.1 – MILENAGE, by the sets of TS 35.208 §4.3', () => {
  it.each(MILENAGE_SETS)('set $set', (set) => {
    const keys = { k: bytes(set.k), opc: bytes(set.opc) };

    const milenage = new Milenage(keys, bytes(set.rand), encryptBlock);

    expect({
      opc: hex(opcOf(keys.k, bytes(set.op), encryptBlock)),
      f1: hex(milenage.macA(bytes(set.sqn), bytes(set.amf))),
      f1star: hex(milenage.macS(bytes(set.sqn), bytes(set.amf))),
      f2: hex(milenage.res),
      f3: hex(milenage.cipherKey),
      f4: hex(milenage.integrityKey),
      f5: hex(milenage.anonymityKey),
      f5star: hex(milenage.resyncAnonymityKey),
    }).toEqual({
      ...{ opc: set.opc, f1: set.f1, f1star: set.f1star, f2: set.f2, f3: set.f3, f4: set.f4 },
      ...{ f5: set.f5, f5star: set.f5star },
    });
  });

  it.each(MILENAGE_SETS)(
    'an operator’s OP makes OPc of set $set where it is provisioned',
    (set) => {
      expect(opcOfOp(set.k, set.op)).toBe(set.opc);
    },
  );
});
