import type { IncomingMessage, IncomingRequestMessage } from 'sip.js/lib/core/index.js';
import { sdpOf } from '../../core/sip/sdp-body.ts';
import type { sdpBody } from './leg-context.ts';

interface Response {
  statusCode: number;
  extraHeaders?: string[];
  supported?: string[];
  body?: ReturnType<typeof sdpBody>;
}

/** A request of the peer's within a dialog, as sip.js lets it be answered. */
export interface PeerRequest {
  readonly message: IncomingRequestMessage;
  accept(response: Response): unknown;
  reject(response: Response): unknown;
}

export const sdpIn = (message: IncomingMessage): string | undefined =>
  sdpOf(message.getHeader('content-type'), message.body);
