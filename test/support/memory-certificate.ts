import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

export interface TestCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const UTF8 = 0x0c;
const GENERALIZED_TIME = 0x18;
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');

/** DER: tag, length, value (ITU-T X.690 §8.1). */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), value]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), value]);
}

/** Who signs a certificate. */
export interface TestIssuer extends TestCertificate {
  readonly commonName: string;
}

const nameOf = (commonName: string): Buffer =>
  der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8, Buffer.from(commonName)))));

/** subjectAltName (RFC 5280 §4.2.1.6), with the tags of its kinds of names. */
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex');
const NAME_TAGS = { DNS: 0x82, URI: 0x86 } as const;

export type TestName = readonly [kind: keyof typeof NAME_TAGS, value: string];

/** Version 3 and its one extension, or nothing for version 1. */
function versionAndNames(names: readonly TestName[]): readonly [Buffer[], Buffer[]] {
  if (names.length === 0) return [[], []];
  const list = names.map(([kind, value]) => der(NAME_TAGS[kind], Buffer.from(value)));
  const extension = der(SEQUENCE, SUBJECT_ALT_NAME, der(0x04, der(SEQUENCE, ...list)));
  const version = der(0xa0, der(INTEGER, Buffer.from([2])));
  return [[version], [der(0xa3, der(SEQUENCE, extension))]];
}

/** A P-256 certificate; signed by itself, as a node makes one at each boot, where nobody else does. */
export function aCertificate(
  commonName = 'isthmus-node',
  issuer?: TestIssuer,
  names: readonly TestName[] = [],
): TestCertificate {
  const [version, extensions] = versionAndNames(names);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(SEQUENCE, ECDSA_WITH_SHA256);
  const name = nameOf(commonName);
  const issuerName = issuer ? nameOf(issuer.commonName) : name;
  const issuerKey = issuer ? createPrivateKey(issuer.privateKeyPem) : privateKey;
  const time = (text: string): Buffer => der(GENERALIZED_TIME, Buffer.from(text));
  const serial = der(INTEGER, Buffer.concat([Buffer.from([1]), randomBytes(8)]));
  const validity = der(SEQUENCE, time('20200101000000Z'), time('20991231235959Z'));
  const key = publicKey.export({ type: 'spki', format: 'der' });
  const facts = [serial, algorithm, issuerName, validity, name, key];
  const toBeSigned = der(SEQUENCE, ...version, ...facts, ...extensions);
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', toBeSigned, issuerKey)]);
  const certificate = der(SEQUENCE, toBeSigned, algorithm, der(BIT_STRING, signature));
  // No empty line, where the last is a whole one: it would end what is read.
  const lines =
    certificate
      .toString('base64')
      .match(/.{1,64}/g)
      ?.join('\n') ?? '';
  return {
    certificatePem: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
