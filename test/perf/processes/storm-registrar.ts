import { randomUUID } from 'node:crypto';
import { createServer, type Socket } from 'node:net';

/** How the registrar is started, as JSON. */
export interface StormRegistrarOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly realm: string;
  /** Messages a second that it has the time for; those beyond wait. */
  readonly capacityPerS: number;
}

/** When REGISTERs arrived, in milliseconds of the clock on the wall. */
export interface Arrivals {
  readonly freshMs: readonly number[];
  readonly answersMs: readonly number[];
}

const TICK_MS = 20;
/** What a nonce of this very life begins with: one of a life before is stale. */
const LIFE = randomUUID();
const options = JSON.parse(process.argv[2] ?? '') as StormRegistrarOptions;
const freshMs: number[] = [];
const answersMs: number[] = [];
const waiting: { readonly head: string; readonly socket: Socket }[] = [];

const field = (head: string, name: string): string =>
  new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
const isAnswer = (head: string): boolean => field(head, 'Authorization').includes(LIFE);

function answerTo(head: string): string {
  const isKnown = isAnswer(head);
  const challenge = `WWW-Authenticate: Digest realm="${options.realm}", nonce="${LIFE}-${randomUUID()}", stale=true, algorithm=MD5, qop="auth"`;
  const granted = [
    `Contact: ${field(head, 'Contact')};expires=600000`,
    `P-Associated-URI: ${field(head, 'To')}`,
  ];
  return [
    isKnown ? 'SIP/2.0 200 OK' : 'SIP/2.0 401 Unauthorized',
    ...['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${field(head, name)}`),
    `To: ${field(head, 'To')};tag=storm`,
    ...(isKnown ? granted : [challenge]),
    ...['Content-Length: 0', '', ''],
  ].join('\r\n');
}

/** Cuts heads out of a stream of requests without bodies. */
function receive(socket: Socket): void {
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    const parts = (text + bytes.toString('latin1')).split('\r\n\r\n');
    text = parts.pop() ?? '';
    for (const head of parts.map((part) => part.trimStart())) {
      if (!head.startsWith('REGISTER ')) continue;
      (isAnswer(head) ? answersMs : freshMs).push(Date.now());
      waiting.push({ head, socket });
    }
  });
}

let credit = 0;
setInterval(() => {
  credit = Math.min(options.capacityPerS, credit + (options.capacityPerS * TICK_MS) / 1_000);
  for (; credit >= 1 && waiting.length > 0; credit -= 1) {
    const next = waiting.shift();
    if (next && !next.socket.destroyed) next.socket.write(answerTo(next.head));
  }
}, TICK_MS);

const server = createServer(receive);
server.listen(options.port, options.host, () => {
  const bound = server.address();
  process.send?.({ port: typeof bound === 'object' ? bound?.port : 0 });
});
process.on('message', (order) => {
  if (order === 'end') process.exit();
  const arrivals: Arrivals = { freshMs, answersMs };
  process.send?.(arrivals);
});
