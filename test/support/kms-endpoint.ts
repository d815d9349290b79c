import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { KMSClient } from '@aws-sdk/client-kms';

interface KmsRequest {
  readonly KeyId?: string;
  readonly Plaintext?: string;
  readonly CiphertextBlob?: string;
  readonly EncryptionContext?: Readonly<Record<string, string>>;
}

class KmsFault extends Error {}

/**
 * KMS over HTTP as far as seals need it (AWS JSON 1.1, `TrentService`): one key, whose blobs open
 * under their own encryption context only. What the SDK sends and reads is the real thing.
 */
export async function startKmsEndpoint(keyId: string) {
  const key = randomBytes(32);
  const operations = new Map<string, (request: KmsRequest) => object>([
    [
      'TrentService.Encrypt',
      (request) => ({ KeyId: keyId, CiphertextBlob: encrypt(key, request) }),
    ],
    ['TrentService.Decrypt', (request) => ({ KeyId: keyId, Plaintext: decrypt(key, request) })],
  ]);
  const answer = async (message: IncomingMessage): Promise<object> => {
    if (!message.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) {
      throw new KmsFault('MissingAuthenticationTokenException');
    }
    const operation = operations.get(String(message.headers['x-amz-target']));
    if (!operation) throw new KmsFault('UnknownOperationException');
    const request = JSON.parse(await text(message)) as KmsRequest;
    if (request.KeyId !== keyId) throw new KmsFault('NotFoundException');
    return operation(request);
  };
  const server = createServer((message, response) => {
    answer(message).then(
      (body) => response.end(JSON.stringify(body)),
      (fault: unknown) => {
        response.statusCode = fault instanceof KmsFault ? 400 : 500;
        response.end(JSON.stringify({ __type: fault instanceof KmsFault ? fault.message : 'X' }));
      },
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const client = new KMSClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  return {
    client,
    async stop() {
      client.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const contextBytes = ({ EncryptionContext = {} }: KmsRequest): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(EncryptionContext).sort()));

function encrypt(key: Buffer, request: KmsRequest): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(contextBytes(request));
  const sealed = cipher.update(Buffer.from(request.Plaintext ?? '', 'base64'));
  const rest = cipher.final();
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed, rest]).toString('base64');
}

function decrypt(key: Buffer, request: KmsRequest): string {
  const blob = Buffer.from(request.CiphertextBlob ?? '', 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(0, 12))
      .setAAD(contextBytes(request))
      .setAuthTag(blob.subarray(12, 28));
    const plaintext = decipher.update(blob.subarray(28));
    return Buffer.concat([plaintext, decipher.final()]).toString('base64');
  } catch {
    throw new KmsFault('InvalidCiphertextException');
  }
}
