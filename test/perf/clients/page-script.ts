import { type Call, createImsPhone, type ImsPhone } from '../../../client/src/ims-phone.ts';
import type { DemoUser } from '../../../local/src/demo-world.ts';
import type { Marks } from './near-phone.ts';

/** What the page offers the benchmark. */
export interface BenchPage {
  open(url: string, user: DemoUser): Promise<void>;
  dial(target: string): void;
  accept(): void;
  hangUp(): void;
  phase(): string;
  marks(): Marks;
  firstAudioAtMs(): number | undefined;
  /** Audio packets of this call so far. */
  received(): Promise<number>;
}

declare global {
  interface Window {
    bench: BenchPage;
  }
}

interface InboundEntry {
  readonly type: string;
  readonly packetsReceived?: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const POLL_MS = 4;
const nowMs = (): number => performance.timeOrigin + performance.now();

let phone: ImsPhone | undefined;
let call: Call | undefined;
let peer: RTCPeerConnection | undefined;
let marks: Mutable<Marks> = {};

/** The SDK is not touched: request and answer are seen on the socket, sound on the receiver. */
class SeenSocket extends WebSocket {
  #startId: string | undefined;

  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols);
    this.addEventListener('message', ({ data }) => {
      const { re, event } = JSON.parse(String(data)) as { re?: string; event?: string };
      if (re !== undefined && re === this.#startId) marks.earlyAnswerAtMs = nowMs();
      if (event === 'call.incoming') marks.incomingAtMs = nowMs();
    });
  }

  override send(data: string): void {
    const { action, id } = JSON.parse(data) as { action: string; id?: string };
    if (action === 'call.start') {
      this.#startId = id;
      marks.requestedAtMs = nowMs();
    }
    super.send(data);
  }
}

class SeenPeer extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    peer = this;
  }
}

window.WebSocket = SeenSocket;
window.RTCPeerConnection = SeenPeer;

setInterval(() => {
  if (!peer || peer.connectionState === 'closed' || marks.firstAudioAtMs !== undefined) return;
  const sources = peer.getReceivers().flatMap((it) => it.getSynchronizationSources());
  if (sources.length > 0) marks.firstAudioAtMs = nowMs();
}, POLL_MS);

window.bench = {
  async open(url, { tenant, option, userName, password }) {
    const audio = document.body.appendChild(document.createElement('audio'));
    phone = createImsPhone({ url, tenant, audio });
    phone.on('incoming', (it) => {
      call = it;
    });
    await phone.logIn({ option, userName, password });
  },
  dial(target) {
    marks = {};
    call = phone?.call(target);
  },
  accept() {
    marks.acceptedAtMs = nowMs();
    call?.accept();
  },
  hangUp() {
    call?.hangUp();
  },
  phase: () => call?.phase ?? 'ended',
  firstAudioAtMs: () => marks.firstAudioAtMs,
  async received() {
    const report = (await peer?.getStats()) as unknown as Map<string, InboundEntry> | undefined;
    const inbound = [...(report?.values() ?? [])].find((it) => it.type === 'inbound-rtp');
    return inbound?.packetsReceived ?? 0;
  },
  marks: () => {
    const last = marks;
    marks = {};
    return last;
  },
};
