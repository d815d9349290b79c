/** A device in use: what it is may change meanwhile, those who send from it are told. */
export interface OpenDevice {
  /** One for as long as it is in use. */
  readonly stream: MediaStream;
  readonly track: MediaStreamTrack;
  /** Another track is to be sent from now on; the one before ends when all have done so. */
  follow(change: () => Promise<void>): void;
  setEnabled(enabled: boolean): void;
  stop(): void;
}

/** `id`: this device and no other; undefined: the one that the system is set to. */
export type RequestTrack = (id: string | undefined) => Promise<MediaStreamTrack>;

/** The devices of one kind: which is to be used, and those that are in use. */
export class DeviceSlot {
  readonly #request: RequestTrack;
  readonly #open = new Set<Held>();
  #id: string | undefined;

  constructor(request: RequestTrack) {
    this.#request = request;
  }

  get id(): string | undefined {
    return this.#id;
  }

  /** Where the chosen one is gone, the one of the system. */
  async open(): Promise<OpenDevice> {
    const track = await this.#request(this.#id).catch((cause: unknown) => {
      if (this.#id === undefined) throw cause;
      this.#id = undefined;
      return this.#request(undefined);
    });
    const held = new Held(track, () => this.#open.delete(held));
    this.#open.add(held);
    this.#mind(track);
    return held;
  }

  async choose(id: string | undefined): Promise<void> {
    const open = [...this.#open];
    const asked = await Promise.allSettled(open.map(() => this.#request(id)));
    const tracks = asked.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
    const refused = asked.find((it) => it.status === 'rejected');
    if (refused) {
      for (const track of tracks) track.stop();
      throw refused.reason;
    }
    this.#id = id;
    await Promise.all(
      tracks.map(async (track, at) => {
        this.#mind(track);
        await open[at]?.become(track);
      }),
    );
  }

  /** One that is unplugged ends its track; the call goes on with that of the system. */
  #mind(track: MediaStreamTrack): void {
    track.onended = () => {
      this.choose(undefined).catch(() => undefined);
    };
  }
}

class Held implements OpenDevice {
  readonly stream: MediaStream;
  readonly #closed: () => void;
  readonly #followers: (() => Promise<void>)[] = [];
  #track: MediaStreamTrack;
  #isStopped = false;

  constructor(track: MediaStreamTrack, closed: () => void) {
    this.stream = new MediaStream([track]);
    this.#track = track;
    this.#closed = closed;
  }

  get track(): MediaStreamTrack {
    return this.#track;
  }

  follow(change: () => Promise<void>): void {
    this.#followers.push(change);
  }

  setEnabled(enabled: boolean): void {
    this.#track.enabled = enabled;
  }

  stop(): void {
    this.#isStopped = true;
    this.#track.stop();
    this.#closed();
  }

  async become(next: MediaStreamTrack): Promise<void> {
    const before = this.#track;
    // Who hung up while the browser still asked does not want to be listened to.
    if (this.#isStopped) {
      next.stop();
      return;
    }
    next.enabled = before.enabled;
    this.#track = next;
    this.stream.removeTrack(before);
    this.stream.addTrack(next);
    await Promise.all(this.#followers.map((change) => change()));
    before.stop();
  }
}
