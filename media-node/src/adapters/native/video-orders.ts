import type { EngineHandle, HappenedEvent, MediaAddon } from './media-addon.ts';
import { base64, bytes, remoteOf, table } from './order-values.ts';
import type { VideoOrder, VideoReport, WorkerReport } from './worker-protocol.ts';

interface Running {
  readonly addon: MediaAddon;
  readonly engine: EngineHandle;
  readonly report: (message: WorkerReport) => void;
}

/** Orders about the video of a call. */
export function obeyVideo({ addon, engine, report }: Running, order: VideoOrder): void {
  switch (order.kind) {
    case 'connect-video':
      addon.connectVideo(engine, order.slot, ...remoteOf(order));
      break;
    case 'open-video': {
      const ssrcToBrowser = addon.openVideo(engine, order.slot, order.rtpPort);
      const { serial } = order;
      report({
        kind: 'video-opened',
        serial,
        ...(ssrcToBrowser !== undefined && { ssrcToBrowser }),
      });
      break;
    }
    case 'close-video':
      addon.closeVideo(engine, order.slot);
      report({ kind: 'video-closed', serial: order.serial });
      break;
    case 'set-video-rewrite': {
      const { orientation, feedback } = order;
      const tables = [table(order.toIms), table(order.toBrowser)] as const;
      const numbers = [orientation.ims, orientation.browser] as const;
      addon.setVideoRewrite(
        ...[engine, order.slot, ...tables, ...numbers, feedback.ims, feedback.browser],
      );
      break;
    }
    case 'set-video-gate':
      addon.setVideoGate(engine, order.slot, order.toIms, order.toBrowser, order.rtcp);
      break;
    case 'divert-video':
      addon.divertVideo(engine, order.slot, order.isDiverted);
      break;
    case 'send-video':
      addon.sendVideo(engine, order.slot, order.toIms, bytes(order.packet));
      break;
    case 'ask-video':
      addon.askVideo(engine, order.slot, order.ofIms, sequenceBytes(order.sequences));
      break;
  }
}

const sequenceBytes = (sequences: readonly number[]): Uint8Array =>
  Uint8Array.from(sequences.flatMap((it) => [it >> 8, it & 0xff]));

/** `undefined` for what is not of a video. */
export function videoReportOf(
  serial: number,
  [name, content]: HappenedEvent,
): VideoReport | undefined {
  const kind = 'of-video';
  switch (name) {
    case 'video-from-browser':
      return { kind, serial, what: 'diverted', from: 'browser', packet: base64(content) };
    case 'video-from-ims':
      return { kind, serial, what: 'diverted', from: 'ims', packet: base64(content) };
    case 'picture-wanted-by-browser':
      return { kind, serial, what: 'picture-wanted', by: 'browser' };
    case 'picture-wanted-by-ims':
      return { kind, serial, what: 'picture-wanted', by: 'ims' };
    case 'rate-limited-by-browser':
      return { kind, serial, what: 'rate-limited', by: 'browser', bitsPerS: Number(content) };
    case 'rate-limited-by-ims':
      return { kind, serial, what: 'rate-limited', by: 'ims', bitsPerS: Number(content) };
    default:
      return undefined;
  }
}
