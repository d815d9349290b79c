import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import type { GatewayOptions } from './stage.ts';

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/execute-api\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
const AMZ_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const MAX_SKEW_MS = 5 * 60_000;

export interface SignedRequest {
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly nowMs: number;
}

/** Whether a request to `@connections` is signed with these credentials, now, for this body. */
export async function isSigned(
  { request, body, nowMs }: SignedRequest,
  { credentials, region }: Pick<GatewayOptions, 'credentials' | 'region'>,
): Promise<boolean> {
  const { headers } = request;
  const [, keyId, claimedRegion, names = '', claimed = ''] =
    AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  if (keyId !== credentials.accessKeyId || claimedRegion !== region) return false;
  const signedAt = dateOf(headers['x-amz-date']);
  if (!signedAt || Math.abs(nowMs - signedAt.getTime()) > MAX_SKEW_MS) return false;
  const url = new URL(request.url ?? '/', 'http://gateway');
  const covered = names.split(';').map((name) => [name, String(headers[name] ?? '')]);
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
  const expected = await signer.sign(
    new HttpRequest({
      method: request.method ?? '',
      hostname: (headers.host ?? '').replace(/:\d+$/, ''),
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(covered) as Record<string, string>,
      body,
    }),
    { signingDate: signedAt },
  );
  const { authorization = '' } = expected.headers;
  const signature = authorization.slice(-claimed.length);
  return timingSafeEqual(Buffer.from(signature), Buffer.from(claimed));
}

function dateOf(text: string | string[] | undefined): Date | undefined {
  const [, year, month, day, hour, minute, second] = AMZ_DATE.exec(String(text)) ?? [];
  return year && month && day && hour && minute && second
    ? new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
    : undefined;
}
