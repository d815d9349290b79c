import { createHash } from 'node:crypto';
import { Secret } from '@isthmus/shared/domain/secret';
import { encryptBlock } from '../../media-node/src/adapters/sipjs/digest-crypto.ts';
import { digestSecretOf } from '../../media-node/src/adapters/sipjs/digest-secret.ts';
import { Digester } from '../../media-node/src/adapters/sipjs/digester.ts';
import { takeAkaChallenge } from '../../media-node/src/core/aka/aka-challenge.ts';
import { accepted, highestOf, startSequence } from '../../media-node/src/core/aka/sequence.ts';
import { parseSubscriberKeys } from '../../media-node/src/core/aka/subscriber-keys.ts';
import { fromBase64, toBase64 } from '../../media-node/src/core/base64.ts';
import type { CardMemory } from '../../media-node/src/ports/sip-accounts.ts';
import { AuthenticationCentre } from '../support/ims-lab/authentication-centre.ts';
import { MILENAGE_SETS, type MilenageSet } from './vectors/ts35208.ts';

const [SET] = MILENAGE_SETS as readonly [MilenageSet];
const REQUEST = { method: 'REGISTER', uri: 'sip:ims.test', body: '' };
const SQN = 0xff9bb4d0b607n;

/** RAND and AUTN of the first set of TS 35.208: SQN hidden by AK, AMF, MAC-A. */
const AUTN = '55f328b43577b9b94a9ffac354dfafb3';
const nonceOf = (rand: string, autn: string): string =>
  Buffer.from(rand + autn, 'hex').toString('base64');
const NONCE = nonceOf(SET.rand, AUTN);

const challenge = (nonce: string, more = ''): string =>
  `Digest realm="ims.test", nonce="${nonce}", algorithm=AKAv1-MD5, qop="auth"${more}`;

const createDigester = (keys = `${SET.k}:${SET.opc}`, card?: CardMemory): Digester =>
  new Digester(
    { random: () => 'cnonce', uuid: () => '' },
    {
      ...{ username: 'alice@ims.test', realm: 'ims.test' },
      secret: digestSecretOf({ kind: 'aka', keys: new Secret(keys), ...(card && { card }) }, false),
    },
  );

const field = (value: string | undefined, name: string): string =>
  new RegExp(`[ ,]${name}="?([^",]*)"?`).exec(value ?? '')?.[1] ?? '';

/** RFC 2617 §3.2.2 once more, with a password of bytes, written apart from the code under test. */
function responseBy(password: Uint8Array, nonce: string): string {
  const md5 = (...pieces: readonly (string | Uint8Array)[]): string => {
    const sum = createHash('md5');
    for (const piece of pieces) sum.update(piece);
    return sum.digest('hex');
  };
  const a1 = md5('alice@ims.test:ims.test:', password);
  return md5(`${a1}:${nonce}:00000001:cnonce:auth:${md5('REGISTER:sip:ims.test')}`);
}

const aSubscriber = () => {
  const keys = parseSubscriberKeys(`${SET.k}:${SET.opc}`);
  if (!keys) throw new Error('these are keys');
  return { keys, sequence: startSequence };
};

describe('REG-6: RFC 3310 §3.3 – a challenge of our own network', () => {
  it('is answered with RES, bytes and all, as the password', () => {
    const digester = createDigester();

    expect(digester.challenged([challenge(NONCE)])).toBe('new');

    const answer = digester.answer(REQUEST);
    const res = new Uint8Array(Buffer.from(SET.f2, 'hex'));
    expect(field(answer, 'response')).toBe(responseBy(res, NONCE));
    expect(answer).toContain('algorithm=AKAv1-MD5');
    expect(answer).not.toContain('auts');
  });

  it('may carry data of the server’s after RAND and AUTN (§3.2)', () => {
    const nonce = Buffer.from(`${SET.rand}${AUTN}00112233`, 'hex').toString('base64');

    expect(takeAkaChallenge(nonce, aSubscriber(), encryptBlock).kind).toBe('fresh');
  });

  it('is chosen whatever else is offered, and nothing else is answered', () => {
    const digester = createDigester();
    const md5 = 'Digest realm="ims.test", nonce="n", algorithm=MD5, qop="auth"';

    expect(digester.challenged([md5])).toBe('foreign');
    expect(digester.challenged([`${md5}, ${challenge(NONCE, ', ck="00", ik="00"')}`])).toBe('new');
  });

  it('does not tempt a subscriber with a password', () => {
    const digester = new Digester(
      { random: () => 'cnonce', uuid: () => '' },
      {
        ...{ username: 'alice@ims.test', realm: 'ims.test' },
        secret: digestSecretOf({ kind: 'password', password: new Secret('pw') }, false),
      },
    );

    expect(digester.challenged([challenge(NONCE)])).toBe('foreign');
  });
});

describe('REG-6: 3GPP TS 33.102 §6.3.3 – a challenge that is not of our network', () => {
  const flipped = (at: number): string => {
    const autn = Buffer.from(AUTN, 'hex');
    autn[at] = (autn[at] ?? 0) ^ 0x80;
    return nonceOf(SET.rand, autn.toString('hex'));
  };

  it.each(Array.from({ length: 16 }, (_, at) => [at, flipped(at)] as const))(
    'a bit of byte %d of AUTN is enough',
    (_at, nonce) => {
      expect(takeAkaChallenge(nonce, aSubscriber(), encryptBlock)).toEqual({ kind: 'forged' });
    },
  );

  it.each(['', '*', 'AAAA', NONCE.slice(0, 40), 'dcd98b7102dd2f0e8b11d0f600bfb0c093'])(
    'nor is a nonce of %j',
    (nonce) => {
      expect(takeAkaChallenge(nonce, aSubscriber(), encryptBlock)).toEqual({ kind: 'forged' });
    },
  );

  it('3GPP TS 24.229 §5.1.1.5.3: gets an empty response and no AUTS', () => {
    const digester = createDigester(`${SET.k}:${SET.op}`);

    expect(digester.challenged([challenge(NONCE)])).toBe('new');

    expect(digester.answer(REQUEST)).toContain('response="", algorithm=AKAv1-MD5');
    expect(digester.answer(REQUEST)).not.toContain('auts');
  });

  it.each(['', 'pw', SET.k, `${SET.k}:${SET.opc}00`, `x${SET.k.slice(1)}:${SET.opc}`])(
    'a card of %j answers nobody',
    (keys) => {
      expect(createDigester(keys).challenged([challenge(NONCE)])).toBe('foreign');
    },
  );
});

describe('REG-6: 3GPP TS 33.102 §C.2.2 – a card whose memory outlives its node', () => {
  it('takes a challenge for a replay that another node has answered', () => {
    let kept: CardMemory['accepted'] = {};
    const card = (): CardMemory => ({
      accepted: kept,
      keep: (accepted) => {
        kept = accepted;
      },
    });

    expect(createDigester(undefined, card()).challenged([challenge(NONCE)])).toBe('new');
    expect(createDigester(undefined, card()).challenged([challenge(NONCE)])).toBe('resync');
    expect(Object.keys(kept)).toHaveLength(1);
  });
});

describe('REG-6: RFC 3310 §3.4 – a challenge whose sequence number is not fresh', () => {
  it('is answered with AUTS, and with the response to an empty password', () => {
    const digester = createDigester();
    digester.challenged([challenge(NONCE)]);

    expect(digester.challenged([challenge(NONCE)])).toBe('resync');

    const answer = digester.answer(REQUEST);
    // SQN_MS hidden by AK*, and MAC-S over it with an AMF of zero (3GPP TS 33.102 §6.3.3).
    const auts = Buffer.from(field(answer, 'auts'), 'base64');
    expect(auts).toHaveLength(14);
    const centre = new AuthenticationCentre(SET);
    centre.resynchronise(Buffer.concat([Buffer.from(SET.rand, 'hex'), auts]));
    expect(centre.sqn).toBe(SQN);
    expect(field(answer, 'response')).toBe(responseBy(new Uint8Array(), NONCE));
  });

  it('the challenge after it is answered with RES again', () => {
    const digester = createDigester();
    digester.challenged([challenge(NONCE)]);
    digester.challenged([challenge(NONCE)]);
    const centre = new AuthenticationCentre(SET);
    centre.sqn = SQN;
    const { autn, rand, xres } = centre.vector();
    const nonce = Buffer.concat([rand, autn]).toString('base64');

    expect(digester.challenged([challenge(nonce)])).toBe('new');

    expect(field(digester.answer(REQUEST), 'response')).toBe(responseBy(xres, nonce));
  });
});

describe('REG-6: 3GPP TS 33.102 §C.2.2 – which sequence numbers are fresh', () => {
  const having = (...numbers: readonly bigint[]) =>
    numbers.reduce((sequence, it) => accepted(sequence, it) ?? sequence, startSequence);

  it.each([
    [[], 32n, true],
    [[32n], 64n, true],
    [[64n], 64n, false],
    [[64n], 32n, false],
    // Another index: another S-CSCF, whose vectors may be older.
    [[64n], 33n, true],
    [[64n, 33n], 33n, false],
    [[64n, 65n], 97n, true],
  ] as const)('after %j, %d: %s', (before, sqn, isFresh) => {
    expect(accepted(having(...before), sqn) !== undefined).toBe(isFresh);
  });

  it('the network is told the highest of all', () => {
    expect(highestOf(having(96n, 33n, 65n))).toBe(96n);
    expect(highestOf(startSequence)).toBe(0n);
  });
});

describe('RFC 4648 §10 – base64', () => {
  it.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('%j is %j', (text, encoded) => {
    const bytes = new Uint8Array(Buffer.from(text));
    expect(toBase64(bytes)).toBe(encoded);
    expect(fromBase64(encoded)).toEqual(bytes);
  });
});
