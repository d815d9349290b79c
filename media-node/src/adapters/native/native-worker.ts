import {
  type EngineEvent,
  type EngineHandle,
  type EngineListener,
  loadMediaAddon,
  type MediaAddon,
} from './media-addon.ts';
import { base64, bytes, remoteOf, table } from './order-values.ts';
import { obeyVideo, videoReportOf } from './video-orders.ts';
import type { WorkerOrder, WorkerReport } from './worker-protocol.ts';

/* A process of its own around one engine: what breaks it breaks its own calls alone. */

let running: { readonly addon: MediaAddon; readonly engine: EngineHandle } | undefined;

const report = (message: WorkerReport): void => {
  process.send?.(message);
};

const listen: EngineListener = (_slot, serial, ...event) => {
  const ofVideo = videoReportOf(serial, event);
  if (ofVideo) {
    report(ofVideo);
    return;
  }
  const [name, content] = event;
  if (typeof content === 'string') {
    report({ kind: 'event', serial, event: name as EngineEvent, reason: content });
    return;
  }
  const from = name === 'diverted-from-ims' ? 'ims' : 'browser';
  report({ kind: 'diverted', serial, from, packet: base64(content) });
};

function start(order: Extract<WorkerOrder, { kind: 'start' }>): void {
  try {
    const addon = loadMediaAddon(order.addon);
    const refusedRanges = Buffer.from(order.options.refusedRanges, 'base64');
    const { handle: engine, ...own } = addon.start({ ...order.options, refusedRanges }, listen);
    running = { addon, engine };
    report({ kind: 'started', ...own });
  } catch (cause) {
    report({ kind: 'not-started', reason: cause instanceof Error ? cause.message : String(cause) });
  }
}

const marks = (payloadTypes: readonly number[]): Uint8Array =>
  table(payloadTypes.map((it) => [it, 1]));

function obey(addon: MediaAddon, engine: EngineHandle, order: WorkerOrder): void {
  switch (order.kind) {
    case 'open': {
      const call = addon.open(engine, order.slot, order.serial, order.cname, order.rtpPort);
      report({ kind: 'opened', serial: order.serial, ...(call && { call }) });
      break;
    }
    case 'close':
      addon.close(engine, order.slot);
      report({ kind: 'closed', serial: order.serial });
      break;
    case 'let-in':
      addon.letIn(engine, order.source);
      report({ kind: 'let-in', serial: order.serial });
      break;
    case 'let-out':
      addon.letOut(engine, order.source);
      break;
    case 'connect-access':
      addon.connectAccess(engine, order.slot, order.remote);
      break;
    case 'restart-access':
      addon.restartAccess(engine, order.slot, order.ours, order.theirs);
      break;
    case 'add-candidate':
      addon.addCandidate(engine, order.slot, order.candidate);
      break;
    case 'connect-ims':
      addon.connectIms(engine, order.slot, ...remoteOf(order));
      break;
    case 'set-rewrite': {
      const tables = [table(order.toIms), table(order.toBrowser)] as const;
      const { slot, clockRateHz, browserClockRateHz } = order;
      const events = [marks(order.eventsOfIms), marks(order.eventsOfBrowser)] as const;
      addon.setRewrite(engine, slot, ...tables, clockRateHz, browserClockRateHz, ...events);
      break;
    }
    case 'set-gate':
      addon.setGate(engine, order.slot, order.toIms, order.toBrowser, order.rtcp);
      break;
    case 'divert':
      addon.divert(engine, order.slot, order.isDiverted);
      break;
    case 'send':
      addon.send(engine, order.slot, order.toIms, bytes(order.packet));
      break;
    case 'start':
      break;
    default:
      obeyVideo({ addon, engine, report }, order);
  }
}

/** What is wrong with an order for one call is not to end the others. */
function tryToObey(addon: MediaAddon, engine: EngineHandle, order: WorkerOrder): void {
  try {
    obey(addon, engine, order);
  } catch (cause) {
    process.stderr.write(`media worker: ${order.kind} cannot be obeyed: ${String(cause)}\n`);
  }
}

process.on('message', (order: WorkerOrder) => {
  if (running) tryToObey(running.addon, running.engine, order);
  else if (order.kind === 'start') start(order);
});
// The node says when it is over; a terminal's Ctrl-C is meant for the node, which lets calls end.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => {
  if (running) running.addon.stop(running.engine);
  process.exit(0);
});
