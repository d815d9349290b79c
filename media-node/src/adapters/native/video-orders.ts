import type { EngineHandle, MediaAddon } from './media-addon.ts';
import { remoteOf, table } from './order-values.ts';
import type { VideoOrder, WorkerReport } from './worker-protocol.ts';

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
  }
}
