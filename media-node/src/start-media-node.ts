import { isIPv6 } from 'node:net';
import { nodeId, tenantId } from '@isthmus/shared/domain/ids';
import { createVideoCodecs } from './adapters/codecs/create-video-codecs.ts';
import { createVoiceCodecs } from './adapters/codecs/create-voice-codecs.ts';
import { loadNativeAddon } from './adapters/codecs/native-addon.ts';
import { tellEvs, tellMissing, tellMissingVideo } from './adapters/codecs/tell-missing.ts';
import { createWorkerTranscoder } from './adapters/codecs/worker-transcoder.ts';
import { createWorkerVideoTranscoder } from './adapters/codecs/worker-video-transcoder.ts';
import { type ControlServer, createControlServer } from './adapters/control/control-server.ts';
import { createDnsNames } from './adapters/dns/dns-names.ts';
import { createDynamoStores } from './adapters/dynamo/dynamo-stores.ts';
import { cryptoIds } from './adapters/ids/crypto-ids.ts';
import { openMediaPlane } from './adapters/media/open-media-plane.ts';
import { createApiGatewayPush } from './adapters/push/api-gateway-push.ts';
import { createUnsealer } from './adapters/seal/create-unsealer.ts';
import { createSipJsUserAgents } from './adapters/sipjs/sip-js-user-agents.ts';
import { systemClock } from './adapters/time/system-clock.ts';
import { restTurnCredentials } from './adapters/turn/rest-turn-credentials.ts';
import { createXmldomReader } from './adapters/xml/xmldom-reader.ts';
import { createSipAccounts } from './app/accounts/sip-accounts.ts';
import { createCallMediaFactory } from './app/media/call-media-factory.ts';
import { MediaNode } from './app/node/media-node.ts';
import { LadderBook } from './app/trace/ladder-book.ts';
import type { Env, LocalAddress } from './env.ts';
import type { Log } from './ports/log.ts';
import type { MediaPlane } from './ports/media-plane.ts';
import type { Metrics } from './ports/metrics.ts';
import type { Transcoder } from './ports/transcoder.ts';
import type { VideoTranscoder } from './ports/video-transcoder.ts';

export interface Telemetry {
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface RunningNode {
  readonly nodeId: string;
  readonly activeCalls: number;
  /** Registrations that other nodes are still to take from a draining one. */
  readonly handOversLeft: number;
  /** Resolves when the trunks it took on are up, or are known to be down. */
  settled(): Promise<void>;
  /** Takes no new calls; those that live go on. */
  drain(): Promise<void>;
  /** Releases calls, de-registers everything in IMS, leaves the registry. */
  close(): Promise<void>;
}

/** RFC 7675 §5.1. */
const CONSENT_EXPIRY_MS = 30_000;
/** RFC 3550 §6.2. */
const RTCP_INTERVAL_MS = 5_000;
/** Ten times what audio and video at 2 Mbit/s send (SEC-4). */
const MAX_PACKETS_PER_S = 3_000;
/** Longer than a late packet of the call before may still be on its way (MED-12). */
const PORT_QUARANTINE_MS = 10_000;

const clock = systemClock;
const ids = cryptoIds;

/** Builds the adapters, starts to listen, and enters the registry last. */
export async function startMediaNode(env: Env, telemetry: Telemetry): Promise<RunningNode> {
  const id = nodeId(ids.uuid());
  const log = telemetry.log.with({ nodeId: id });
  const { metrics } = telemetry;
  const plane = await mediaPlaneOf(env, { log, metrics });
  const trace = traceOf(env);
  const transcoder = openTranscoder(env, { log, metrics });
  const videoTranscoder = openVideoTranscoder(env, { log, metrics });
  const own = { plane, transcoder, videoTranscoder, nodeId: id, trace };
  const node = compose(env, { log, metrics }, own);
  const control = await createControlServer(
    {
      onCommand: (command) => node.command(command),
      isReady: () => node.hasRoom,
      ladderOf: (tenant, callId) => trace?.ladder({ tenantId: tenantId(tenant), callId }),
      ...{ clock, log },
    },
    { host: env.controlAddress, port: env.controlPort },
  );
  await node.start({ ...registryFacts(env, control), nodeId: id, epoch: clock.nowMs() });
  return {
    nodeId: id,
    get activeCalls() {
      return node.activeCalls;
    },
    get handOversLeft() {
      return node.handOversLeft;
    },
    settled: () => node.settled(),
    drain: () => node.drain(),
    async close() {
      await node.stop();
      await Promise.all([control.close(), plane.close()]);
      await Promise.all([transcoder.close(), videoTranscoder.close()]);
    },
  };
}

function compose(
  env: Env,
  { log, metrics }: Telemetry,
  own: {
    readonly plane: MediaPlane;
    readonly transcoder: Transcoder;
    readonly videoTranscoder: VideoTranscoder;
    readonly nodeId: ReturnType<typeof nodeId>;
    readonly trace: LadderBook | undefined;
  },
): MediaNode {
  const { bindAddress, announcedAddress, otherSip } = env;
  const names = createDnsNames({ servers: env.dnsServers });
  const unsealer = createUnsealer(env);
  const userAgents = createSipJsUserAgents(
    { clock, ids, log, metrics, names, unsealer, trace: own.trace },
    { bindAddress, announcedAddress, ...(otherSip && { other: otherSip }) },
  );
  const storage = { ...env, endpoint: env.dynamodbEndpoint };
  return new MediaNode(
    {
      ...createDynamoStores({ clock }, storage),
      accounts: createSipAccounts({
        userAgents,
        clock,
        ids,
        log,
        metrics,
        xml: createXmldomReader(),
      }),
      media: createCallMediaFactory(
        { ...own, ids, clock },
        {
          addressPolicy: addressPolicyOf(env),
          family: isIPv6(rtpAddressOf(env).announcedAddress) ? 6 : 4,
          whenTranscodersFull: env.transcodingWhenFull,
        },
      ),
      push: createApiGatewayPush({ clock }, { endpoint: env.gatewayEndpoint, region: env.region }),
      unsealer,
      turn: restTurnCredentials,
      clock,
      ids,
      log,
      metrics,
      trace: own.trace,
    },
    {
      nodeId: own.nodeId,
      capacity: env.callCapacity,
      registrationCapacity: env.registrationCapacity,
      probeMs: env.probeIntervalS * 1000,
      stunUrl: own.plane.stunUrl,
    },
  );
}

const traceOf = ({ traceMb }: Env): LadderBook | undefined =>
  traceMb === 0 ? undefined : new LadderBook(clock, { budgetBytes: traceMb * 2 ** 20 });

const rtpAddressOf = ({ otherRtp, bindAddress, announcedAddress }: Env): LocalAddress =>
  otherRtp ?? { bindAddress, announcedAddress };

const addressPolicyOf = (env: Env) => ({
  allowLocal: env.allowLanMedia,
  refusedRanges: env.ownNetworks,
});

function openTranscoder(env: Env, { log, metrics }: Telemetry): Transcoder {
  const { evsLibrary } = env;
  const codecs = createVoiceCodecs(loadNativeAddon(), evsLibrary);
  tellMissing(codecs, log);
  tellEvs(codecs, evsLibrary, log);
  return createWorkerTranscoder(
    { codecs, clock, log, metrics },
    { threads: env.transcodingThreads, capacity: env.transcodingCapacity, evsLibrary },
  );
}

function openVideoTranscoder(env: Env, { log, metrics }: Telemetry): VideoTranscoder {
  const codecs = createVideoCodecs();
  tellMissingVideo(codecs, log);
  return createWorkerVideoTranscoder(
    { codecs, clock, log, metrics },
    { threads: env.videoTranscodingThreads, capacity: env.videoTranscodingCapacity },
  );
}

function mediaPlaneOf(env: Env, { log, metrics }: Telemetry): Promise<MediaPlane> {
  const { bindAddress, announcedAddress, iceTcp } = env;
  const ports = { port: env.mediaPort, stunPort: env.stunPort, iceTcp };
  return openMediaPlane(
    { clock, ids, metrics, log },
    {
      browser: { bindAddress, announcedAddress, ...ports, isLite: env.iceMode === 'lite' },
      ims: {
        ...rtpAddressOf(env),
        firstPort: env.rtpPorts.from,
        lastPort: env.rtpPorts.to,
        quarantineMs: PORT_QUARANTINE_MS,
      },
      addressPolicy: addressPolicyOf(env),
      consentExpiryMs: CONSENT_EXPIRY_MS,
      rtcpIntervalMs: RTCP_INTERVAL_MS,
      maxPacketsPerS: MAX_PACKETS_PER_S,
    },
    { plane: env.mediaPlane, workers: env.mediaWorkers, io: env.mediaIo },
  );
}

const registryFacts = (env: Env, control: ControlServer) => ({
  address: env.controlAddress,
  port: control.port,
  certificatePem: control.certificatePem,
  controlKey: control.controlKey,
  capacity: env.callCapacity,
});
