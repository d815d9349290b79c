import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

export interface Certificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** The name in every node's certificate: what counts is the pinned certificate, not the address. */
const NODE_NAME = 'node.local';
const DAY_MS = 86_400_000;
/** No boot of a node lives this long. */
const VALID_DAYS = 365;
const SERIAL_BYTES = 16;
const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A self-signed P-256 certificate of this boot. */
export async function makeCertificate(nowMs: number): Promise<Certificate> {
  cryptoProvider.set(webcrypto);
  const { subtle } = webcrypto;
  const keys = await subtle.generateKey(P256, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(SERIAL_BYTES).toString('hex'),
    name: `CN=${NODE_NAME}`,
    // A day back: the clocks of the functions need not agree with ours.
    notBefore: new Date(nowMs - DAY_MS),
    notAfter: new Date(nowMs + VALID_DAYS * DAY_MS),
    signingAlgorithm: P256,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new SubjectAlternativeNameExtension([{ type: 'dns', value: NODE_NAME }]),
    ],
  });
  const pkcs8 = Buffer.from(await subtle.exportKey('pkcs8', keys.privateKey));
  return { certificatePem: certificate.toString('pem'), privateKeyPem: pem(pkcs8) };
}

function pem(pkcs8: Buffer): string {
  const lines = pkcs8.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}
