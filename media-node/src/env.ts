/** Every variable the node reads; infra sets them under these very names. */
export const ENV = {
  TABLE_NAME: 'TABLE_NAME',
  GATEWAY_ENDPOINT: 'GATEWAY_ENDPOINT',
  AWS_REGION: 'AWS_REGION',
  DYNAMODB_ENDPOINT: 'DYNAMODB_ENDPOINT',
  SEAL_KEY_FILE: 'SEAL_KEY_FILE',
  SEAL_KMS_KEY_ID: 'SEAL_KMS_KEY_ID',
  BIND_ADDRESS: 'BIND_ADDRESS',
  ANNOUNCED_ADDRESS: 'ANNOUNCED_ADDRESS',
  SIP_OTHER_BIND_ADDRESS: 'SIP_OTHER_BIND_ADDRESS',
  SIP_OTHER_ANNOUNCED_ADDRESS: 'SIP_OTHER_ANNOUNCED_ADDRESS',
  RTP_BIND_ADDRESS: 'RTP_BIND_ADDRESS',
  RTP_ANNOUNCED_ADDRESS: 'RTP_ANNOUNCED_ADDRESS',
  DNS_SERVERS: 'DNS_SERVERS',
  CONTROL_ADDRESS: 'CONTROL_ADDRESS',
  CONTROL_PORT: 'CONTROL_PORT',
  MEDIA_PLANE: 'MEDIA_PLANE',
  MEDIA_WORKERS: 'MEDIA_WORKERS',
  MEDIA_IO: 'MEDIA_IO',
  MEDIA_PORT: 'MEDIA_PORT',
  STUN_PORT: 'STUN_PORT',
  ICE_TCP_PORT: 'ICE_TCP_PORT',
  ICE_TCP_ANNOUNCED_PORT: 'ICE_TCP_ANNOUNCED_PORT',
  ICE_MODE: 'ICE_MODE',
  RTP_PORTS: 'RTP_PORTS',
  ALLOW_LAN_MEDIA: 'ALLOW_LAN_MEDIA',
  OWN_NETWORKS: 'OWN_NETWORKS',
  CALL_CAPACITY: 'CALL_CAPACITY',
  TRANSCODING_CAPACITY: 'TRANSCODING_CAPACITY',
  TRANSCODING_WHEN_FULL: 'TRANSCODING_WHEN_FULL',
  TRANSCODING_THREADS: 'TRANSCODING_THREADS',
  EVS_LIBRARY: 'EVS_LIBRARY',
  VIDEO_TRANSCODING_CAPACITY: 'VIDEO_TRANSCODING_CAPACITY',
  VIDEO_TRANSCODING_THREADS: 'VIDEO_TRANSCODING_THREADS',
  REGISTRATION_CAPACITY: 'REGISTRATION_CAPACITY',
  PROBE_INTERVAL_S: 'PROBE_INTERVAL_S',
  DRAIN_S: 'DRAIN_S',
  TRACE_MB: 'TRACE_MB',
  PUBLIC_ADDRESS_URL: 'PUBLIC_ADDRESS_URL',
  ECS_CONTAINER_METADATA_URI_V4: 'ECS_CONTAINER_METADATA_URI_V4',
  ECS_AGENT_URI: 'ECS_AGENT_URI',
  LOG_LEVEL: 'LOG_LEVEL',
} as const;

/** The first is that of a node that is not told. */
const MEDIA_PLANES = ['auto', 'native', 'portable'] as const;
const MEDIA_IOS = ['auto', 'epoll'] as const;
export type MediaPlaneName = (typeof MEDIA_PLANES)[number];
export type MediaIoName = (typeof MEDIA_IOS)[number];

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface Env {
  readonly tableName: string;
  /** `https://{api}.execute-api.{region}.amazonaws.com/{stage}` */
  readonly gatewayEndpoint: string;
  readonly region: string;
  /** Only where DynamoDB is not Amazon's own. */
  readonly dynamodbEndpoint: string | undefined;
  readonly sealKeyFile: string | undefined;
  readonly sealKmsKeyId: string | undefined;
  /** Local address of SIP, RTP and the browser port. */
  readonly bindAddress: string;
  /** Public address of this node; the bind address where it is public itself. */
  readonly announcedAddress: string;
  /** For SIP toward a P-CSCF that has no address of the family of `bindAddress`. */
  readonly otherSip: LocalAddress | undefined;
  /** For media toward IMS, where that is another than `bindAddress`. */
  readonly otherRtp: LocalAddress | undefined;
  /** Asked where a P-CSCF is; those of the machine where there is none. */
  readonly dnsServers: readonly string[];
  readonly controlAddress: string;
  /** 0: any free one; the registry tells the functions which. */
  readonly controlPort: number;
  /** `auto`: native where its addon was built. */
  readonly mediaPlane: MediaPlaneName;
  /** Processes of the native plane; 0: one for each core. */
  readonly mediaWorkers: number;
  /** `auto`: its sockets are waited for by io_uring where that is allowed. */
  readonly mediaIo: MediaIoName;
  /** The one UDP port all browsers send to; 0: any free one. */
  readonly mediaPort: number;
  /** Where browsers ask how they are seen (RFC 8489); 0: any free one. */
  readonly stunPort: number;
  /** The one TCP port of browsers whose UDP is blocked (RFC 6544); 0: any free one, absent: none. */
  readonly iceTcp: { readonly port: number; readonly announcedPort?: number } | undefined;
  /** `lite`: checks are answered and none are sent; only for an address that all browsers reach. */
  readonly iceMode: 'full' | 'lite';
  readonly rtpPorts: { readonly from: number; readonly to: number };
  /** A lab's setting: candidates and RTP peers may be loopback or private (SEC-3). */
  readonly allowLanMedia: boolean;
  /** CIDR blocks that media is never sent to: our own VPC. */
  readonly ownNetworks: readonly string[];
  readonly callCapacity: number;
  /** Calls that may be transcoded at once, beside those that pass through; 0: none. */
  readonly transcodingCapacity: number;
  /** What becomes of a call when that many are. */
  readonly transcodingWhenFull: 'pass-through' | 'refuse';
  /** Threads that transcode; each may fill a core. */
  readonly transcodingThreads: number;
  /** Path of an operator's library for EVS; without one EVS is never offered. */
  readonly evsLibrary: string | undefined;
  /** Calls whose video may be transcoded at once; 0: none. */
  readonly videoTranscodingCapacity: number;
  /** Threads that do so; each may fill a core. */
  readonly videoTranscodingThreads: number;
  /** How many registrations of options 2 and 3 it keeps, those of dead nodes among them. */
  readonly registrationCapacity: number;
  readonly probeIntervalS: number;
  /** How long live calls may go on after the order to stop. */
  readonly drainS: number;
  /** How much memory the signalling of calls may take; 0: nothing is kept of it. */
  readonly traceMb: number;
  /** What an ECS task asks for the addresses above that were not given. */
  readonly lookups: AddressLookups;
  /** ECS sets it: where a task asks not to be stopped. */
  readonly ecsAgentUrl: string | undefined;
  readonly logLevel: LogLevel;
}

export interface LocalAddress {
  readonly bindAddress: string;
  readonly announcedAddress: string;
}

/** Each is absent where the address was given, and outside ECS. */
export interface AddressLookups {
  /** Knows the private address of this task; for the control address. */
  readonly taskMetadataUrl: string | undefined;
  /** Answers with the address it was asked from; for the announced address. */
  readonly publicAddressUrl: string | undefined;
}

type Source = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const MAX_PORT = 65_535;
/** More cores than any machine that is rented for media. */
const MAX_WORKERS = 256;
const PUBLIC_ADDRESS_URL = 'https://checkip.amazonaws.com';

export const processEnv = (): Source => process.env;

/** Throws one `TypeError` that names every missing or malformed variable. */
export function readEnv(source: Source): Env {
  const problems: string[] = [];
  const text = (name: string): string => {
    const value = source[name];
    if (!value) problems.push(`${name} is missing`);
    return value ?? '';
  };
  const integer = (name: string, fallback: number, max: number): number => {
    const value = source[name] === undefined ? fallback : Number(source[name]);
    if (Number.isInteger(value) && value >= 0 && value <= max) return value;
    problems.push(`${name} is not a whole number from 0 to ${String(max)}`);
    return fallback;
  };
  const oneOf = <T extends string>(name: string, known: readonly [T, ...T[]]): T => {
    const wanted = source[name] ?? known[0];
    const found = known.find((it) => it === wanted);
    if (!found) problems.push(`${name} is none of ${known.join(', ')}`);
    return found ?? known[0];
  };
  const bindAddress = source[ENV.BIND_ADDRESS] ?? '0.0.0.0';
  const env: Env = {
    tableName: text(ENV.TABLE_NAME),
    gatewayEndpoint: text(ENV.GATEWAY_ENDPOINT),
    region: text(ENV.AWS_REGION),
    dynamodbEndpoint: source[ENV.DYNAMODB_ENDPOINT],
    sealKeyFile: source[ENV.SEAL_KEY_FILE],
    sealKmsKeyId: source[ENV.SEAL_KMS_KEY_ID],
    bindAddress,
    announcedAddress: source[ENV.ANNOUNCED_ADDRESS] ?? bindAddress,
    otherSip: addressIn(source, ENV.SIP_OTHER_BIND_ADDRESS, ENV.SIP_OTHER_ANNOUNCED_ADDRESS),
    otherRtp: addressIn(source, ENV.RTP_BIND_ADDRESS, ENV.RTP_ANNOUNCED_ADDRESS),
    dnsServers: listed(source[ENV.DNS_SERVERS]),
    controlAddress: source[ENV.CONTROL_ADDRESS] ?? bindAddress,
    controlPort: integer(ENV.CONTROL_PORT, 0, MAX_PORT),
    mediaPlane: oneOf(ENV.MEDIA_PLANE, MEDIA_PLANES),
    mediaWorkers: integer(ENV.MEDIA_WORKERS, 0, MAX_WORKERS),
    mediaIo: oneOf(ENV.MEDIA_IO, MEDIA_IOS),
    mediaPort: integer(ENV.MEDIA_PORT, 0, MAX_PORT),
    stunPort: integer(ENV.STUN_PORT, 0, MAX_PORT),
    iceTcp: iceTcpOf(source, integer),
    iceMode: source[ENV.ICE_MODE] === 'lite' ? 'lite' : 'full',
    rtpPorts: portRange(source[ENV.RTP_PORTS] ?? '40000-49999', problems),
    allowLanMedia: source[ENV.ALLOW_LAN_MEDIA] === 'true',
    ownNetworks: listed(source[ENV.OWN_NETWORKS]),
    callCapacity: integer(ENV.CALL_CAPACITY, 100, 100_000),
    transcodingCapacity: integer(ENV.TRANSCODING_CAPACITY, 20, 100_000),
    transcodingWhenFull: source[ENV.TRANSCODING_WHEN_FULL] === 'refuse' ? 'refuse' : 'pass-through',
    transcodingThreads: integer(ENV.TRANSCODING_THREADS, 1, 256),
    evsLibrary: source[ENV.EVS_LIBRARY] || undefined,
    videoTranscodingCapacity: integer(ENV.VIDEO_TRANSCODING_CAPACITY, 2, 10_000),
    videoTranscodingThreads: integer(ENV.VIDEO_TRANSCODING_THREADS, 1, 256),
    registrationCapacity: integer(ENV.REGISTRATION_CAPACITY, 10_000, 1_000_000),
    probeIntervalS: integer(ENV.PROBE_INTERVAL_S, 300, 86_400),
    drainS: integer(ENV.DRAIN_S, 110, 86_400),
    traceMb: integer(ENV.TRACE_MB, 32, 4_096),
    lookups: lookupsOf(source),
    ecsAgentUrl: source[ENV.ECS_AGENT_URI],
    logLevel: LOG_LEVELS.find((level) => level === source[ENV.LOG_LEVEL]) ?? 'info',
  };
  if (!env.sealKeyFile === !env.sealKmsKeyId) {
    problems.push(`set one of ${ENV.SEAL_KEY_FILE} and ${ENV.SEAL_KMS_KEY_ID}`);
  }
  if (problems.length > 0) throw new TypeError(`environment: ${problems.join('; ')}`);
  return Object.freeze(env);
}

const listed = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

/** How it is seen is said only where that differs. */
function addressIn(source: Source, bind: string, announced: string): LocalAddress | undefined {
  const bindAddress = source[bind];
  return bindAddress
    ? { bindAddress, announcedAddress: source[announced] ?? bindAddress }
    : undefined;
}

function lookupsOf(source: Source): AddressLookups {
  const metadata = source[ENV.ECS_CONTAINER_METADATA_URI_V4];
  const isAnnounced = !metadata || source[ENV.ANNOUNCED_ADDRESS] !== undefined;
  return {
    taskMetadataUrl: source[ENV.CONTROL_ADDRESS] === undefined ? metadata : undefined,
    publicAddressUrl: isAnnounced
      ? undefined
      : (source[ENV.PUBLIC_ADDRESS_URL] ?? PUBLIC_ADDRESS_URL),
  };
}

function iceTcpOf(
  source: Source,
  integer: (name: string, fallback: number, max: number) => number,
): Env['iceTcp'] {
  if (source[ENV.ICE_TCP_PORT] === 'off') return undefined;
  const port = integer(ENV.ICE_TCP_PORT, 0, MAX_PORT);
  const announcedPort = integer(ENV.ICE_TCP_ANNOUNCED_PORT, 0, MAX_PORT);
  return { port, ...(announcedPort > 0 && { announcedPort }) };
}

function portRange(text: string, problems: string[]): Env['rtpPorts'] {
  const [from = 0, to = 0] = text.split('-').map(Number);
  const isRange = Number.isInteger(from) && Number.isInteger(to) && from > 0 && from < to;
  if (!isRange || to > MAX_PORT) problems.push(`${ENV.RTP_PORTS} is not a range like 40000-49999`);
  return { from, to };
}
