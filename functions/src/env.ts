import * as z from 'zod';

/** Every variable the functions read; infra sets them under these very names. */
export const ENV = {
  TABLE_NAME: 'TABLE_NAME',
  AWS_REGION: 'AWS_REGION',
  DYNAMODB_ENDPOINT: 'DYNAMODB_ENDPOINT',
  SEAL_KEY_FILE: 'SEAL_KEY_FILE',
  SEAL_KMS_KEY_ID: 'SEAL_KMS_KEY_ID',
  ANSWER_KEY: 'ANSWER_KEY',
  TOKEN_TTL_S: 'TOKEN_TTL_S',
  LOGIN_WINDOW_S: 'LOGIN_WINDOW_S',
  LOGINS_PER_USER: 'LOGINS_PER_USER',
  LOGINS_PER_ADDRESS: 'LOGINS_PER_ADDRESS',
  CONTROL_DEADLINE_MS: 'CONTROL_DEADLINE_MS',
  LOG_LEVEL: 'LOG_LEVEL',
} as const;

const text = z.string().min(1);
const wholeNumber = (fallback: number, max: number) =>
  z.coerce.number().int().min(1).max(max).default(fallback);

const schema = z.object({
  TABLE_NAME: text,
  AWS_REGION: text,
  /** Only where DynamoDB is not Amazon's own. */
  DYNAMODB_ENDPOINT: text.optional(),
  /** Needed where secrets are sealed, that is by `login` and by provisioning: one of the two. */
  SEAL_KEY_FILE: text.optional(),
  SEAL_KMS_KEY_ID: text.optional(),
  /**
   * Base64 of 32 bytes, the same for all instances: encrypts the answers kept for repeated
   * requests. Without it each instance makes its own, and only it can repeat what it answered.
   */
  ANSWER_KEY: z.base64().length(44).optional(),
  TOKEN_TTL_S: wholeNumber(60, 3_600),
  LOGIN_WINDOW_S: wholeNumber(60, 86_400),
  LOGINS_PER_USER: wholeNumber(10, 1_000_000),
  LOGINS_PER_ADDRESS: wholeNumber(100, 1_000_000),
  CONTROL_DEADLINE_MS: wholeNumber(800, 20_000),
  LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
} satisfies Record<keyof typeof ENV, z.ZodType>);

export interface Env {
  readonly tableName: string;
  readonly region: string;
  readonly dynamodbEndpoint: string | undefined;
  readonly sealKeyFile: string | undefined;
  readonly sealKmsKeyId: string | undefined;
  readonly answerKey: string | undefined;
  readonly tokenTtlS: number;
  readonly loginWindowS: number;
  readonly loginsPerUser: number;
  readonly loginsPerAddress: number;
  readonly controlDeadlineMs: number;
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
}

export type EnvSource = Readonly<Record<string, string | undefined>>;

/** Throws one `TypeError` that names every missing or malformed variable. */
export function readEnv(source: EnvSource): Env {
  const level = source[ENV.LOG_LEVEL]?.toUpperCase();
  const parsed = schema.safeParse({ ...source, [ENV.LOG_LEVEL]: level });
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(({ message, path }) => `${path.join('.')}: ${message}`);
  if (source[ENV.SEAL_KEY_FILE] && source[ENV.SEAL_KMS_KEY_ID]) {
    problems.push(`set at most one of ${ENV.SEAL_KEY_FILE} and ${ENV.SEAL_KMS_KEY_ID}`);
  }
  if (!parsed.success || problems.length > 0) {
    throw new TypeError(`environment: ${problems.join('; ')}`);
  }
  return frozen(parsed.data);
}

const frozen = (read: z.infer<typeof schema>): Env =>
  Object.freeze({
    tableName: read.TABLE_NAME,
    region: read.AWS_REGION,
    dynamodbEndpoint: read.DYNAMODB_ENDPOINT,
    sealKeyFile: read.SEAL_KEY_FILE,
    sealKmsKeyId: read.SEAL_KMS_KEY_ID,
    answerKey: read.ANSWER_KEY,
    tokenTtlS: read.TOKEN_TTL_S,
    loginWindowS: read.LOGIN_WINDOW_S,
    loginsPerUser: read.LOGINS_PER_USER,
    loginsPerAddress: read.LOGINS_PER_ADDRESS,
    controlDeadlineMs: read.CONTROL_DEADLINE_MS,
    logLevel: read.LOG_LEVEL,
  });

export const processEnv = (): Env => readEnv(process.env);
