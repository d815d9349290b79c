import type { EventOf } from '@isthmus/shared/wire/events';
import type { VideoWish } from '@isthmus/shared/wire/video';
import type { Held } from '../core/holding.ts';
import { asPhoneError, PhoneError, phoneError } from '../core/phone-error.ts';
import type { Camera, LocalVideo } from '../ports/camera.ts';
import type { CallVideo } from './call.ts';

export interface CallPicturesDeps {
  readonly camera: Camera;
  /** What goes out from now on. */
  readonly film: (camera: LocalVideo | undefined) => Promise<void>;
  /** Tells the node. */
  readonly ask: (wish: VideoWish) => void;
  readonly changed: (video: CallVideo) => void;
  readonly failed: (error: PhoneError) => void;
}

/** The pictures of one call. Our user decides over the own one; the device is given back when it is off. */
export class CallPictures {
  readonly #deps: CallPicturesDeps;
  #isWanted = false;
  #isHeld = false;
  /** There is somebody to be seen by. */
  #isBegun = false;
  #local: LocalVideo | undefined;
  #remote: MediaStream | undefined;
  /** A wish is on its way. */
  #isAsking = false;
  /** What the node knows of our camera. */
  #isToldOn = false;

  constructor(deps: CallPicturesDeps) {
    this.#deps = deps;
  }

  get view(): CallVideo {
    const own = this.#local?.stream;
    const remote = this.#remote;
    return {
      camera: this.#isWanted,
      ...(own && { own }),
      ...(remote && { remote }),
    };
  }

  /** What the node is told with the answer; nothing where there is no video to answer. */
  get answer(): { readonly video?: boolean } {
    if (!this.#remote) return {};
    this.#isToldOn = this.#local !== undefined;
    return { video: this.#isToldOn };
  }

  /** Before our offer, which then speaks for it. */
  async offer(): Promise<void> {
    this.#isToldOn = await this.#open();
  }

  /** Before the answer. Who has no camera is heard all the same. */
  async open(): Promise<void> {
    await this.#open();
  }

  set(isOn: boolean): void {
    if (isOn === this.#isWanted) return;
    if (isOn) {
      this.#open()
        .then((isFilming) => {
          if (isFilming) this.#tell('sendrecv');
        })
        .catch((thrown: unknown) => {
          this.#deps.failed(asPhoneError(thrown, 'call.media'));
        });
    } else {
      this.#close();
      if (this.#isToldOn) this.#tell('recvonly');
    }
  }

  end(): void {
    this.#close();
    this.#tell('none');
  }

  /** What was asked for before there was somebody to ask. */
  begun(): void {
    this.#isBegun = true;
    const isOn = this.#local !== undefined;
    if (isOn !== this.#isToldOn) this.#tell(isOn ? 'sendrecv' : 'recvonly');
  }

  take({ ours, theirs, refused }: EventOf<'call.video'>): void {
    const wasAsked = this.#isAsking;
    this.#isAsking = false;
    // Who ended all video ended ours, too.
    const isOver = !(ours || theirs || wasAsked || this.#isHeld);
    if (refused !== undefined || isOver) {
      this.#close();
      this.#isToldOn = false;
    }
    if (refused === undefined) return;
    this.#deps.failed(new PhoneError({ code: 'call.video', message: refused, retryable: true }));
  }

  show(remote: MediaStream | undefined): void {
    this.#remote = remote;
    this.#deps.changed(this.view);
  }

  /** Nobody is looked at who cannot be seen. */
  hold({ byUs, byThem }: Held): void {
    this.#isHeld = byUs || byThem;
    this.#local?.setEnabled(!this.#isHeld);
  }

  /** The call is over. */
  stop(): void {
    this.#isWanted = false;
    this.#local?.stop();
    this.#local = undefined;
    this.#remote = undefined;
  }

  #tell(wish: VideoWish): void {
    if (!this.#isBegun) return;
    this.#isToldOn = wish === 'sendrecv';
    this.#isAsking = true;
    this.#deps.ask(wish);
  }

  /** True once it films; false where it cannot, or is not to any more. */
  async #open(): Promise<boolean> {
    this.#isWanted = true;
    this.#deps.changed(this.view);
    const opened = await this.#deps.camera.open().catch((cause: unknown) => {
      this.#isWanted = false;
      this.#deps.failed(phoneError('call.camera', cause));
    });
    if (!(opened && this.view.camera) || this.#local) {
      opened?.stop();
      this.#deps.changed(this.view);
      return false;
    }
    opened.setEnabled(!this.#isHeld);
    this.#local = opened;
    this.#deps.changed(this.view);
    await this.#deps.film(opened);
    return true;
  }

  #close(): void {
    this.#isWanted = false;
    if (!this.#local) return;
    this.#local.stop();
    this.#local = undefined;
    void this.#deps.film(undefined).catch(() => undefined);
    this.#deps.changed(this.view);
  }
}
