/* Runs in the page: one user of Janus' SIP plugin, as its own library would speak. */

export interface JanusPage {
  open(url: string, register: object): Promise<void>;
  dial(target: string): Promise<void>;
  heard(): Promise<void>;
  hangUp(): Promise<void>;
  firstAudioAtMs(): number | undefined;
  received(): Promise<number>;
}

declare global {
  interface Window {
    janus: JanusPage;
    /** Of the benchmark: gives the port of a slower way to this one, or the same. */
    wayTo: (address: string, port: number) => Promise<number>;
  }
}

interface Spoken {
  readonly janus: string;
  readonly transaction?: string;
  readonly data?: { readonly id: number };
  readonly plugindata?: { readonly data?: { readonly result?: { readonly event?: string } } };
  readonly jsep?: RTCSessionDescriptionInit;
}

const POLL_MS = 4;
/** Janus' thread of a call looks once a second whether it is over, and takes the ports of the next one along. */
const PUT_AWAY_MS = 1_500;
const nowMs = (): number => performance.timeOrigin + performance.now();

const answers = new Map<string, (spoken: Spoken) => void>();
const untaken: Spoken[] = [];
let socket: WebSocket;
let ids: Record<string, number> = {};
let count = 0;
let peer: RTCPeerConnection | undefined;
let firstAudioAtMs: number | undefined;

const ask = (request: object): Promise<Spoken> =>
  new Promise((resolve) => {
    count += 1;
    const transaction = String(count);
    answers.set(transaction, resolve);
    socket.send(JSON.stringify({ ...request, ...ids, transaction }));
  });
const say = (body: object, jsep?: object): Promise<Spoken> =>
  ask({ janus: 'message', body, ...(jsep && { jsep }) });

const eventOf = ({ plugindata }: Spoken): string | undefined => plugindata?.data?.result?.event;

async function next(...events: readonly string[]): Promise<Spoken> {
  for (;;) {
    const at = untaken.findIndex((it) => events.includes(eventOf(it) ?? ''));
    const [found] = at < 0 ? [] : untaken.splice(at, 1);
    if (found) return found;
    await new Promise((done) => setTimeout(done, 1));
  }
}

/** Every candidate of the answer by the way that the benchmark gives. */
async function led(sdp: string): Promise<string> {
  const lines = await Promise.all(
    sdp.split('\r\n').map(async (line) => {
      const parts = line.split(' ');
      if (!line.startsWith('a=candidate:') || line.includes(':', 20)) return line;
      const [address = '', port] = parts.slice(4);
      const way = await window.wayTo(address, Number(port));
      if (way === Number(port)) return line;
      return [...parts.slice(0, 5), String(way), ...parts.slice(6)].join(' ');
    }),
  );
  return lines.join('\r\n');
}

setInterval(() => {
  if (!peer || firstAudioAtMs !== undefined) return;
  const sources = peer.getReceivers().flatMap((it) => it.getSynchronizationSources());
  if (sources.length > 0) firstAudioAtMs = nowMs();
}, POLL_MS);

window.janus = {
  async open(url, register) {
    socket = new WebSocket(url, 'janus-protocol');
    await new Promise((done) => {
      socket.addEventListener('open', done);
    });
    socket.addEventListener('message', ({ data }) => {
      const spoken = JSON.parse(String(data)) as Spoken;
      const answer = answers.get(spoken.transaction ?? '');
      if (answer && spoken.janus !== 'event') answer(spoken);
      else untaken.push(spoken);
    });
    ids = { session_id: (await ask({ janus: 'create' })).data?.id ?? 0 };
    const { data } = await ask({ janus: 'attach', plugin: 'janus.plugin.sip' });
    ids = { ...ids, handle_id: data?.id ?? 0 };
    await say({ request: 'register', ...register });
    const told = await next('registered', 'registration_failed');
    if (eventOf(told) !== 'registered') throw new Error(JSON.stringify(told));
  },
  async dial(uri) {
    firstAudioAtMs = undefined;
    const isLed = (await window.wayTo('', 0)) !== 0;
    // Before the connection: whoever may use the microphone shows real addresses, no mDNS names.
    const media = await navigator.mediaDevices.getUserMedia({ audio: true });
    peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    for (const track of media.getTracks()) peer.addTrack(track, media);
    peer.addEventListener('track', ({ streams }) => {
      const audio = new Audio();
      audio.srcObject = streams[0] ?? null;
      void audio.play();
    });
    await peer.setLocalDescription(await peer.createOffer());
    while (peer.iceGatheringState !== 'complete') await new Promise((done) => setTimeout(done, 2));
    const { sdp = '', type = 'offer' } = peer.localDescription ?? {};
    const lines = sdp.split('\r\n').filter((it) => !(isLed && it.startsWith('a=candidate:')));
    await say({ request: 'call', uri }, { type, sdp: lines.join('\r\n') });
    void next('accepted').then(async ({ jsep }) => {
      await peer?.setRemoteDescription({ type: 'answer', sdp: await led(jsep?.sdp ?? '') });
    });
  },
  async heard() {
    while (firstAudioAtMs === undefined) await new Promise((done) => setTimeout(done, POLL_MS));
  },
  async hangUp() {
    await say({ request: 'hangup' });
    await next('hangup');
    peer?.close();
    peer = undefined;
    await new Promise((done) => setTimeout(done, PUT_AWAY_MS));
  },
  firstAudioAtMs: () => firstAudioAtMs,
  async received() {
    const report = (await peer?.getStats()) as unknown as Map<string, Inbound> | undefined;
    const inbound = [...(report?.values() ?? [])].find((it) => it.type === 'inbound-rtp');
    return inbound?.packetsReceived ?? 0;
  },
};

interface Inbound {
  readonly type: string;
  readonly packetsReceived?: number;
}
