import { createServer, type Server, type Socket } from 'node:net';
import type { AuthenticationCentre } from './authentication-centre.ts';
import {
  AVP,
  answerCx,
  CX_APPLICATION,
  CX_COMMAND,
  CX_COMMANDS,
  type CxCommand,
  describeCx,
  SUCCESS,
  VENDOR_3GPP,
} from './cx-answers.ts';
import {
  type Avp,
  avp,
  createDiameterReader,
  type DiameterMessage,
  encodeMessage,
  textOf,
} from './diameter-codec.ts';
import { createSubscriberBook, type Subscriber, type SubscriberRecord } from './subscriber-book.ts';

export interface HssOptions {
  readonly host: string;
  readonly realm: string;
  /** The S-CSCF offered to whoever has none yet. */
  readonly scscfName: string;
  readonly log: (line: string) => void;
}

export interface SubscriberState {
  readonly impi: string;
  readonly isRegistered: boolean;
  readonly scscfName: string | undefined;
}

/** One Cx request: by its times one sees how fast registrations come to the core. */
export interface CxRequest {
  readonly atMs: number;
  readonly kind: CxCommand;
}

export interface HssControl {
  readonly port: number;
  requests(): readonly CxRequest[];
  addSubscriber(subscriber: Subscriber): void;
  state(): { readonly peers: readonly string[]; readonly subscribers: readonly SubscriberState[] };
  /** Registration-Termination-Request: the network ends the registration (TS 29.228 §6.1.3). */
  terminate(impi: string): void;
  /** Of a subscriber with a card. */
  centreOf(impi: string): AuthenticationCentre;
  /** Delays every Cx answer from now on. */
  setDelay(delayMs: number): void;
  stop(): Promise<void>;
}

const BASE_COMMAND = { capabilities: 257, watchdog: 280, disconnect: 282 } as const;
const NO_STATE_MAINTAINED = 1;
const PERMANENT_TERMINATION = 0;

const cxApplication = (): Avp =>
  avp(AVP.vendorSpecificApplicationId, [
    avp(AVP.vendorId, VENDOR_3GPP),
    avp(AVP.authApplicationId, CX_APPLICATION),
  ]);

/** An address family of 1 (IPv4) goes before the four bytes (RFC 6733 §4.3.1). */
const hostIpAddress = (host: string): Avp =>
  avp(AVP.hostIpAddress, Buffer.from([0, 1, ...host.split('.').map(Number)]));

const cxCommandOf = (code: number): CxCommand | undefined =>
  CX_COMMANDS.find((it) => CX_COMMAND[it] === code);

class Hss implements HssControl {
  readonly #options: HssOptions;
  readonly #book = createSubscriberBook();
  readonly #peers = new Map<string, Socket>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #requests: CxRequest[] = [];
  #delayMs = 0;
  #sequence = 1;
  port = 0;

  constructor(options: HssOptions) {
    this.#options = options;
    this.#server = createServer((socket) => {
      this.#accept(socket);
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, this.#options.host, resolve);
    });
    const address = this.#server.address();
    if (address !== null && typeof address === 'object') this.port = address.port;
  }

  addSubscriber(subscriber: Subscriber): void {
    this.#book.add(subscriber);
  }

  requests(): readonly CxRequest[] {
    return this.#requests;
  }

  state(): ReturnType<HssControl['state']> {
    return {
      peers: [...this.#peers.keys()],
      subscribers: this.#book
        .all()
        .map(({ impi, isRegistered, scscfName }) => ({ impi, isRegistered, scscfName })),
    };
  }

  centreOf(impi: string): AuthenticationCentre {
    const centre = this.#book.byImpi(impi)?.centre;
    if (!centre) throw new Error(`${impi} has no card`);
    return centre;
  }

  setDelay(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  terminate(impi: string): void {
    const subscriber = this.#book.byImpi(impi);
    const socket = this.#peers.get(subscriber?.scscfPeer ?? '');
    if (!subscriber || !socket) throw new Error(`No S-CSCF serves ${impi}`);
    socket.write(this.#terminationRequest(subscriber));
    subscriber.isRegistered = false;
    subscriber.scscfName = undefined;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    const read = createDiameterReader();
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      for (const message of read(chunk)) this.#receive(message, socket);
    });
    // A peer that is killed resets the connection; 'close' follows and is what counts.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      const peer = this.#nameOf(socket);
      if (peer !== undefined) this.#peers.delete(peer);
    });
  }

  #nameOf(socket: Socket): string | undefined {
    return [...this.#peers].find(([, each]) => each === socket)?.[0];
  }

  #receive(message: DiameterMessage, socket: Socket): void {
    if (!message.isRequest) return;
    if (message.command === BASE_COMMAND.capabilities) {
      this.#peers.set(textOf(message.avps, AVP.originHost), socket);
    }
    const isBase = Object.values<number>(BASE_COMMAND).includes(message.command);
    const avps = isBase ? this.#answerBase(message) : this.#answerCx(message, socket);
    const answer = encodeMessage({ ...message, isRequest: false, avps });
    const delayMs = isBase ? 0 : this.#delayMs;
    if (delayMs === 0) socket.write(answer);
    else setTimeout(() => socket.write(answer), delayMs);
  }

  #answerBase(message: DiameterMessage): readonly Avp[] {
    const answer = [avp(AVP.resultCode, SUCCESS), ...this.#origin()];
    if (message.command !== BASE_COMMAND.capabilities) return answer;
    return [
      ...answer,
      hostIpAddress(this.#options.host),
      avp(AVP.vendorId, VENDOR_3GPP),
      avp(AVP.productName, 'isthmus-lab-hss'),
      avp(AVP.supportedVendorId, VENDOR_3GPP),
      cxApplication(),
    ];
  }

  #answerCx(message: DiameterMessage, socket: Socket): readonly Avp[] {
    const { realm, scscfName, log } = this.#options;
    const peer = this.#nameOf(socket) ?? '';
    const kind = cxCommandOf(message.command);
    if (kind) this.#requests.push({ atMs: Date.now(), kind });
    log(`${String(message.command)} from ${peer}: ${describeCx(message.avps)}`);
    return [
      avp(AVP.sessionId, textOf(message.avps, AVP.sessionId)),
      cxApplication(),
      avp(AVP.authSessionState, NO_STATE_MAINTAINED),
      ...this.#origin(),
      ...answerCx(message.command, message.avps, { book: this.#book, realm, scscfName, peer }),
    ];
  }

  #origin(): readonly Avp[] {
    return [avp(AVP.originHost, this.#options.host), avp(AVP.originRealm, this.#options.realm)];
  }

  #terminationRequest(subscriber: SubscriberRecord): Buffer {
    const { host, realm } = this.#options;
    this.#sequence += 1;
    const reason = [
      avp(AVP.reasonCode, PERMANENT_TERMINATION, VENDOR_3GPP),
      avp(AVP.reasonInfo, 'ended by the lab', VENDOR_3GPP),
    ];
    return encodeMessage({
      isRequest: true,
      isProxiable: true,
      command: CX_COMMAND.rtr,
      application: CX_APPLICATION,
      hopByHop: this.#sequence,
      endToEnd: this.#sequence,
      avps: [
        avp(AVP.sessionId, `${host};${String(this.#sequence)};rtr`),
        cxApplication(),
        avp(AVP.authSessionState, NO_STATE_MAINTAINED),
        ...this.#origin(),
        avp(AVP.destinationHost, subscriber.scscfPeer ?? ''),
        avp(AVP.destinationRealm, realm),
        avp(AVP.userName, subscriber.impi),
        ...subscriber.impus.map((impu) => avp(AVP.publicIdentity, impu, VENDOR_3GPP)),
        avp(AVP.deregistrationReason, reason, VENDOR_3GPP),
      ],
    });
  }
}

/** A home subscriber server as small as our tests allow: SIP Digest over Cx, on one socket. */
export async function startHss(options: HssOptions): Promise<HssControl> {
  const hss = new Hss(options);
  await hss.start();
  return hss;
}
