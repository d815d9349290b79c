import { splitList } from './name-addr.ts';

/** By strength (RFC 8760 §2.4). */
export const PASSWORD_ALGORITHMS = ['SHA-256', 'SHA-256-sess', 'MD5', 'MD5-sess'] as const;
/** RFC 3310. */
export const AKA_ALGORITHMS = ['AKAv1-MD5'] as const;
export type DigestAlgorithm =
  | (typeof PASSWORD_ALGORITHMS)[number]
  | (typeof AKA_ALGORITHMS)[number];

/** What a challenge must be of for us to answer it. */
export interface Answerable {
  readonly realm: string;
  /** Best first. */
  readonly algorithms: readonly DigestAlgorithm[];
}

/** One Digest challenge we are able to answer (RFC 7616 §3.3). */
export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: DigestAlgorithm;
  /** As it was written; absent where the challenge named none. */
  readonly writtenAlgorithm?: string;
  readonly qop?: 'auth' | 'auth-int';
  readonly opaque?: string;
  readonly isStale: boolean;
}

const SCHEME = /^([A-Za-z][\w-]*)\s+(.*)$/s;
const PARAMETER = /^([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|(\S*))$/s;

/**
 * The challenge to answer, of all in a 401 or 407: only our own realm, or a stranger could collect
 * responses to crack offline; the strongest algorithm, or a stranger could weaken it (RFC 8760 §2.4).
 */
export function chooseChallenge(
  values: readonly string[],
  { algorithms, realm }: Answerable,
): Challenge | undefined {
  const answerable = values
    .flatMap(challengesIn)
    .map(challengeOf)
    .filter((it) => it !== undefined)
    .filter((it) => it.realm === realm);
  return algorithms
    .map((algorithm) => answerable.find((it) => it.algorithm === algorithm))
    .find((it) => it !== undefined);
}

type Parameters = ReadonlyMap<string, string>;

/** One header may hold several challenges, and each is itself a comma list. */
function challengesIn(value: string): readonly Parameters[] {
  const challenges: { readonly isDigest: boolean; readonly parameters: Map<string, string> }[] = [];
  for (const item of splitList(value)) {
    const [, scheme, rest = ''] = SCHEME.exec(item) ?? [];
    const opens = scheme !== undefined && !rest.startsWith('=');
    if (opens)
      challenges.push({ isDigest: scheme.toLowerCase() === 'digest', parameters: new Map() });
    const [, name, quoted, bare = ''] = PARAMETER.exec(opens ? rest : item) ?? [];
    if (name !== undefined) challenges.at(-1)?.parameters.set(name.toLowerCase(), quoted ?? bare);
  }
  return challenges.filter((it) => it.isDigest).map((it) => it.parameters);
}

function challengeOf(parameters: Parameters): Challenge | undefined {
  const realm = parameters.get('realm');
  const nonce = parameters.get('nonce');
  const written = parameters.get('algorithm');
  const algorithm = [...PASSWORD_ALGORITHMS, ...AKA_ALGORITHMS].find(
    (it) => it.toLowerCase() === (written ?? 'MD5').toLowerCase(),
  );
  if (realm === undefined || !nonce || !algorithm) return undefined;
  const offered = parameters
    .get('qop')
    ?.split(',')
    .map((it) => it.trim().toLowerCase());
  const qop = (['auth', 'auth-int'] as const).find((it) => offered?.includes(it));
  if (offered && !qop) return undefined;
  const opaque = parameters.get('opaque');
  return {
    ...{ realm, nonce, algorithm },
    isStale: parameters.get('stale')?.toLowerCase() === 'true',
    ...(written !== undefined && { writtenAlgorithm: written }),
    ...(qop && { qop }),
    ...(opaque !== undefined && { opaque }),
  };
}

export interface AuthenticationInfo {
  readonly nextNonce?: string;
  /** The server's own proof that it knows the password. */
  readonly responseAuth?: string;
}

/** The Authentication-Info header (RFC 7616 §3.5). */
export function parseAuthenticationInfo(value: string): AuthenticationInfo {
  const parameters = new Map(
    splitList(value)
      .map((item) => PARAMETER.exec(item))
      .map((it) => [it?.[1]?.toLowerCase(), it?.[2] ?? it?.[3]] as const),
  );
  const nextNonce = parameters.get('nextnonce');
  const responseAuth = parameters.get('rspauth');
  return {
    ...(nextNonce !== undefined && { nextNonce }),
    ...(responseAuth !== undefined && { responseAuth }),
  };
}
