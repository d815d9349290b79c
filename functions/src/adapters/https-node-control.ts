import { createHash, createHmac, randomBytes, X509Certificate } from 'node:crypto';
import { Agent, type RequestOptions, request } from 'node:https';
import { controlAnswer } from '@isthmus/shared/control/answers';
import type { ControlCommand } from '@isthmus/shared/control/commands';
import { COMMANDS_PATH, SIGNATURE_HEADERS, signedText } from '@isthmus/shared/control/signature';
import type { NodeItem } from '@isthmus/shared/store/items';
import type { Clock } from '../ports/clock.ts';
import type { ControlOutcome, NodeControl } from '../ports/node-control.ts';

export interface HttpsNodeControlOptions {
  readonly deadlineMs: number;
}

const METHOD = 'POST';
const NONCE_BYTES = 16;
const MAX_ANSWER_BYTES = 256 * 1024;
/** Nodes come and go with each boot; connections to those long gone are let go. */
const MAX_AGENTS = 32;

/** One try over HTTPS: the node's certificate of this boot is pinned, the request signed. */
export function createHttpsNodeControl(
  { clock }: { readonly clock: Clock },
  { deadlineMs }: HttpsNodeControlOptions,
): NodeControl {
  const agents = createAgents();
  return {
    send(node, command) {
      const body = JSON.stringify(command satisfies ControlCommand);
      const options: RequestOptions = {
        method: METHOD,
        host: node.address,
        port: node.port,
        path: COMMANDS_PATH,
        agent: agents.of(node),
        signal: AbortSignal.timeout(deadlineMs),
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...signature(node.controlKey, body, clock.nowMs()),
        },
      };
      return exchange(options, body);
    },
  };
}

function signature(controlKey: string, body: string, timeMs: number): Record<string, string> {
  const nonce = randomBytes(NONCE_BYTES).toString('hex');
  const bodySha256 = createHash('sha256').update(body).digest('hex');
  const text = signedText({ method: METHOD, path: COMMANDS_PATH, timeMs, nonce, bodySha256 });
  const key = Buffer.from(controlKey, 'base64');
  return {
    [SIGNATURE_HEADERS.time]: String(timeMs),
    [SIGNATURE_HEADERS.nonce]: nonce,
    [SIGNATURE_HEADERS.signature]: createHmac('sha256', key).update(text).digest('hex'),
  };
}

function createAgents(): { of(node: NodeItem): Agent } {
  const byCertificate = new Map<string, Agent>();
  return {
    of({ certificatePem }) {
      const known = byCertificate.get(certificatePem);
      if (known) return known;
      const [oldest] = byCertificate.keys();
      if (byCertificate.size >= MAX_AGENTS && oldest !== undefined) byCertificate.delete(oldest);
      const agent = pinningAgent(certificatePem);
      byCertificate.set(certificatePem, agent);
      return agent;
    },
  };
}

/** The one certificate of the registry item counts, not the name in it: addresses change. */
function pinningAgent(certificatePem: string): Agent {
  const pinned = new X509Certificate(certificatePem).fingerprint256;
  return new Agent({
    keepAlive: true,
    ca: certificatePem,
    minVersion: 'TLSv1.2',
    checkServerIdentity: (_host, { fingerprint256 }) =>
      fingerprint256 === pinned ? undefined : new Error('another certificate than the pinned one'),
  });
}

/** Until the TLS handshake is done nothing of the command has left: the node cannot have taken it. */
function exchange(options: RequestOptions, body: string): Promise<ControlOutcome> {
  return new Promise((resolve) => {
    let isSent = false;
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MAX_ANSWER_BYTES) response.destroy(new Error('answer too large'));
      });
      response.on('error', (error) => {
        resolve({ kind: 'unknown', reason: error.message });
      });
      response.on('end', () => {
        resolve(outcomeOf(response.statusCode ?? 0, text));
      });
    });
    sent.on('socket', (socket) => {
      isSent = sent.reusedSocket;
      if (isSent) return;
      socket.once('secureConnect', () => {
        isSent = true;
      });
    });
    sent.on('error', (error) => {
      resolve({ kind: isSent ? 'unknown' : 'unreached', reason: error.message });
    });
    sent.end(body);
  });
}

/** A node that answers anything but 200 has refused the request as such, and done nothing. */
function outcomeOf(status: number, text: string): ControlOutcome {
  if (status !== 200) return { kind: 'unreached', reason: `status ${String(status)}` };
  const parsed = controlAnswer.safeParse(jsonOf(text));
  return parsed.success
    ? { kind: 'answered', answer: parsed.data }
    : { kind: 'unknown', reason: 'answer not understood' };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The schema refuses `undefined`, and the outcome says so.
    return undefined;
  }
}
