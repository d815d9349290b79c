import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Event } from '@isthmus/shared/wire/events';
import { createPhone } from '../../../client/src/phone.ts';
import type { ImsPhone } from '../../../client/src/phone-api.ts';
import type { LocalVideo } from '../../../client/src/ports/camera.ts';
import type { Device, DeviceKind, Devices } from '../../../client/src/ports/devices.ts';
import type { LocalAudio } from '../../../client/src/ports/microphone.ts';
import type {
  CreatePeerConnection,
  IceServer,
  MediaCounters,
  PeerListener,
  RemoteAudio,
} from '../../../client/src/ports/peer-connection.ts';
import type { SocketListener } from '../../../client/src/ports/socket.ts';
import type { Tone } from '../../../client/src/ports/tones.ts';
import { FakeClock } from '../../support/fake-clock.ts';

export type Frame = Readonly<Record<string, unknown>> & { readonly action: string };

export class FakeSocket {
  readonly listener: SocketListener;
  readonly url: string;
  readonly sent: Frame[] = [];
  isClosed = false;

  constructor(url: string, listener: SocketListener) {
    this.url = url;
    this.listener = listener;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Frame);
  }

  close(): void {
    this.isClosed = true;
  }

  of(action: string): readonly Frame[] {
    return this.sent.filter((it) => it.action === action);
  }

  tell(frame: unknown): void {
    this.listener.received(JSON.stringify(frame));
  }
}

export class FakePeer {
  readonly listener: PeerListener;
  readonly done: string[] = [];
  counts: MediaCounters = { packetsReceived: 0, packetsLost: 0, jitterMs: 1, roundTripMs: 20 };
  isHeard = false;
  isClosed = false;
  isConnected = false;
  /** Of the last restart. */
  iceServers: readonly IceServer[] = [];

  constructor(listener: PeerListener) {
    this.listener = listener;
  }

  offer(): Promise<string> {
    this.done.push('offer');
    return Promise.resolve('sdp of the phone');
  }

  takeAnswer(sdp: string): Promise<void> {
    this.done.push(`answer ${sdp}`);
    return Promise.resolve();
  }

  answer(offerSdp: string): Promise<string> {
    if (offerSdp === 'broken') return Promise.reject(new Error('cannot be parsed'));
    this.done.push(`offer ${offerSdp}`);
    return Promise.resolve(`answer to ${offerSdp}`);
  }

  restart(iceServers: readonly IceServer[]): Promise<string> {
    this.iceServers = iceServers;
    this.done.push('restart');
    return Promise.resolve('offer of another way');
  }

  rollBack(): Promise<void> {
    this.done.push('roll back');
    return Promise.resolve();
  }

  hear(isHeard: boolean): void {
    this.isHeard = isHeard;
  }

  sendFrom(): Promise<void> {
    this.done.push('microphone');
    return Promise.resolve();
  }

  get remote(): RemoteAudio {
    return { kind: 'remote-audio' };
  }

  film(camera: LocalVideo | undefined): Promise<void> {
    this.done.push(camera ? 'camera' : 'no camera');
    return Promise.resolve();
  }

  mix(_audio: LocalAudio, others: readonly RemoteAudio[]): Promise<void> {
    this.done.push(`mix ${String(others.length)}`);
    return Promise.resolve();
  }

  sendDtmf(digits: string): boolean {
    this.done.push(`dtmf ${digits}`);
    return true;
  }

  counters(): Promise<MediaCounters> {
    return Promise.resolve(this.counts);
  }

  close(): void {
    this.isClosed = true;
  }
}

/** Told apart by identity alone: nothing of the SDK looks into a stream. */
export const OWN_PICTURE = { id: 'own' } as MediaStream;
export const THEIR_PICTURE = { id: 'theirs' } as MediaStream;

export const SESSION = { sessionId: 'session-1', resumeKey: 'key-1', iceServers: [] };
export const ALICE = { option: 'token', userName: 'alice', password: 'secret' } as const;

class FakeDevices implements Devices {
  there: readonly Device[] = [];
  isRefused = false;
  readonly #chosen = new Map<DeviceKind, string | undefined>();
  #onChange = (): void => undefined;

  list(): Promise<readonly Device[]> {
    return Promise.resolve(this.there);
  }

  chosen(kind: DeviceKind): string | undefined {
    return this.#chosen.get(kind);
  }

  choose(kind: DeviceKind, id: string | undefined): Promise<void> {
    if (this.isRefused) return Promise.reject(new Error('NotReadableError'));
    this.#chosen.set(kind, id);
    return Promise.resolve();
  }

  watch(onChange: () => void): () => void {
    this.#onChange = onChange;
    return () => undefined;
  }

  change(there: readonly Device[]): void {
    this.there = there;
    this.#onChange();
  }
}

/** A phone whose socket, media, clock and microphone are in the test's hands. */
export class PhoneBench {
  readonly clock = new FakeClock();
  readonly sockets: FakeSocket[] = [];
  readonly peers: FakePeer[] = [];
  readonly tones: Tone[] = [];
  readonly microphone = { isRefused: false, enabled: true, stopped: 0 };
  readonly camera = { isRefused: false, enabled: true, opened: 0, stopped: 0 };
  readonly devices = new FakeDevices();
  readonly phone: ImsPhone;
  readonly #watchers = new Set<() => void>();
  #ids = 0;

  constructor() {
    const createPeer: CreatePeerConnection = (_iceServers, listener) => {
      const peer = new FakePeer(listener);
      this.peers.push(peer);
      return peer;
    };
    this.phone = createPhone(
      {
        clock: this.clock,
        ids: {
          next: () => {
            this.#ids += 1;
            return `id-00000${String(this.#ids)}`;
          },
          fraction: () => 1,
        },
        openSocket: (url, listener) => {
          const socket = new FakeSocket(url, listener);
          this.sockets.push(socket);
          return socket;
        },
        createPeer,
        microphone: { open: () => this.#openMicrophone() },
        camera: { open: () => this.#openCamera() },
        devices: this.devices,
        tones: {
          play: (tone) => {
            this.tones.push(tone);
          },
        },
        network: {
          watch: (onChange) => {
            this.#watchers.add(onChange);
            return () => this.#watchers.delete(onChange);
          },
        },
      },
      { url: 'ws://service', tenant: 'acme' },
    );
  }

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('no socket was opened');
    return socket;
  }

  get peer(): FakePeer {
    const peer = this.peers.at(-1);
    if (!peer) throw new Error('no peer connection was made');
    return peer;
  }

  /** There is another network. */
  changeNetwork(): void {
    for (const onChange of this.#watchers) onChange();
  }

  settle(): Promise<void> {
    return nextTurn();
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.settle();
  }

  async open(): Promise<void> {
    this.socket.listener.opened();
    await this.settle();
  }

  /** Answers the last command of this action. */
  async grant(action: string, ok: unknown = {}, socket = this.socket): Promise<void> {
    socket.tell({ re: socket.of(action).at(-1)?.['id'], ok });
    await this.settle();
  }

  async refuse(action: string, code: string, retryable = false): Promise<void> {
    const error = { code, message: `sentence of ${code}`, retryable };
    this.socket.tell({ re: this.socket.of(action).at(-1)?.['id'], error });
    await this.settle();
  }

  async tell(event: Event): Promise<void> {
    this.socket.tell(event);
    await this.settle();
  }

  async logIn(): Promise<void> {
    const loggedIn = this.phone.logIn(ALICE);
    await this.open();
    await this.grant('token', { token: 'a-token', expiresInS: 60 });
    await this.grant('register', SESSION);
    await this.tell({ event: 'registration', seq: 1, state: 'registered', option: 'token' });
    await loggedIn;
  }

  #openCamera(): Promise<LocalVideo> {
    if (this.camera.isRefused) return Promise.reject(new Error('NotAllowedError'));
    this.camera.opened += 1;
    return Promise.resolve({
      stream: OWN_PICTURE,
      setEnabled: (enabled) => {
        this.camera.enabled = enabled;
      },
      stop: () => {
        this.camera.stopped += 1;
      },
    });
  }

  #openMicrophone(): Promise<LocalAudio> {
    if (this.microphone.isRefused) return Promise.reject(new Error('NotAllowedError'));
    return Promise.resolve({
      setEnabled: (enabled) => {
        this.microphone.enabled = enabled;
      },
      stop: () => {
        this.microphone.stopped += 1;
      },
    });
  }
}
