import { callId, impu, sessionId } from '@isthmus/shared/domain/ids';
import type { Action } from '@isthmus/shared/wire/requests';
import type { VideoWish } from '@isthmus/shared/wire/video';
import { systemClock } from '../../media-node/src/adapters/time/system-clock.ts';
import { Call } from '../../media-node/src/app/calls/call.ts';
import { createCallMediaFactory } from '../../media-node/src/app/media/call-media-factory.ts';
import type { Notice } from '../../media-node/src/core/call/call-types.ts';
import { type Replaces, referToHeader } from '../../media-node/src/core/sip/refer.ts';
import type { IncomingInvite, SipAccount } from '../../media-node/src/ports/sip-accounts.ts';
import type { OutgoingRefer } from '../../media-node/src/ports/sip-refer.ts';
import { aBrowserSdp, answerTo } from './an-sdp.ts';
import { noLog } from './node-no-log.ts';
import { type RecordingMediaCall, RecordingMediaPlane } from './recording-media-plane.ts';

const DEVICE = sessionId('device');

/** As the other side has it. */
function turned(replaces: Replaces | undefined): Replaces {
  if (!replaces) throw new Error('nobody rings');
  const { fromTag, toTag } = replaces;
  return { ...replaces, fromTag: toTag, toTag: fromTag };
}

export interface CallOnAccount {
  readonly notices: readonly Notice[];
  readonly media: RecordingMediaCall;
  start(target: string): Promise<string>;
  alert(invite: IncomingInvite): void;
  /** A command without a body of its own. */
  ask(action: Action & ('call.hold' | 'call.resume' | 'call.hang-up')): void;
  /** Hands the other side on, as the desk would. */
  transfer(target: string): void;
  /** Hands the other side on to that of another call, which ends. */
  transferTo(other: CallOnAccount, target: string): void;
  /** Refer-To by which this call's far side has it replaced. */
  referTo(target: string): string;
  /** Of the conversation, seen from the far side. */
  readonly replaces: Replaces;
  /** Of the first phone that rings, as whoever takes the call there is to name it to us. */
  readonly whileRinging: Replaces;
  /** Hangs up where it still speaks. */
  release(): void;
  /** An INVITE takes this call's place. */
  succeed(invite: IncomingInvite): void;
  /** With a browser's answer: PCMA where none is given. */
  accept(sdp?: string): void;
  /** Our user wants video, or none. */
  film(video: VideoWish): void;
  /** Resolves when so many notices of the kind have come. */
  told(event: Notice['event'], count?: number): Promise<readonly Notice[]>;
}

/**
 * A whole call of the node over an account, but for sockets of media: its browser is the test, and
 * answers by itself what it is offered anew.
 */
export function callOn(
  account: SipAccount,
  identity: string,
  codecs: readonly string[] = ['PCMA'],
): CallOnAccount {
  const notices: Notice[] = [];
  const plane = new RecordingMediaPlane();
  const factory = createCallMediaFactory(
    { plane, ids: { random: () => 'cname', uuid: () => 'uuid' }, clock: systemClock },
    { addressPolicy: { allowLocal: true, refusedRanges: [] } },
  );
  const id = callId('call-0001');
  const call = new Call({
    ...{ callId: id, clock: systemClock, log: noLog },
    createMedia: (onEvent) => factory.create({ callId: id, codecs }, onEvent),
    invite: (request, onEvent) => account.invite({ ...request, identity: impu(identity) }, onEvent),
    allowReferral: (target) => target,
    notify: (_, notice) => {
      notices.push(notice);
      if (notice.event === 'call.offer')
        queueMicrotask(() => {
          follow(notice);
        });
    },
    onRang: () => undefined,
    onAnswered: () => undefined,
    onFinished: () => undefined,
  });
  let seq = 0;
  const next = () => {
    seq += 1;
    return { id: `r${String(seq)}`, callId: id, seq };
  };
  const follow = ({ offerId, sdp }: Notice & { readonly event: 'call.offer' }): void => {
    call.command(DEVICE, { ...next(), action: 'call.answer', offerId, sdp: answerTo(sdp) });
  };
  const transfer = (refer: Omit<OutgoingRefer, 'referredBy'>, whenDone?: () => void): void => {
    const { seq: number } = next();
    const transferred = { seq: number, refer: { ...refer, referredBy: identity } };
    call.transfer(DEVICE, { ...transferred, ...(whenDone && { whenDone }) });
  };
  const replaces = (): Replaces => {
    if (!call.dialog) throw new Error('nobody talks');
    return call.dialog.replaces;
  };
  const connected = (): void => {
    plane.onEvent({ kind: 'access-connected' });
  };
  return {
    notices,
    media: plane.call,
    async start(target) {
      const sdp = await call.start(DEVICE, { target, sdp: aBrowserSdp(), seq: 0 });
      connected();
      return sdp;
    },
    alert: (invite) => {
      call.alert(invite, [DEVICE]);
    },
    ask: (action) => {
      call.command(DEVICE, { ...next(), action });
    },
    transfer: (target) => {
      transfer({ target });
    },
    transferTo: (other, target) => {
      transfer({ target, replaces: other.replaces }, () => {
        other.release();
      });
    },
    get replaces() {
      return replaces();
    },
    get whileRinging() {
      return turned(call.earlyDialogs[0]?.replaces);
    },
    referTo: (target) => referToHeader(target, turned(replaces())),
    release: () => {
      call.release(DEVICE);
    },
    succeed: (invite) => {
      call.succeed(invite);
    },
    film: (video) => {
      call.command(DEVICE, { ...next(), action: 'call.video', video });
    },
    accept: (sdp = aBrowserSdp({ setup: 'active', formats: '8 126' })) => {
      call.command(DEVICE, { ...next(), action: 'call.accept', sdp });
      connected();
    },
    async told(event, count = 1) {
      const deadlineMs = Date.now() + 10_000;
      const heard = () => notices.filter((it) => it.event === event);
      while (heard().length < count) {
        if (Date.now() > deadlineMs) throw new Error(JSON.stringify(notices));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return heard();
    },
  };
}
