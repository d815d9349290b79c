import * as z from 'zod';
import { mediaPolicy } from './media-policy.ts';
import { sessionSettings } from './session-settings.ts';

export const tlsAccess = z.object({
  caPem: z
    .string()
    .optional()
    .describe('Who signs the P-CSCF; the public authorities where absent'),
  serverName: z
    .string()
    .optional()
    .describe('In its certificate; the host of `pcscf` where absent'),
  client: z
    .object({ certificatePem: z.string(), sealedKeyPem: z.string() })
    .optional()
    .describe(
      'Our own certificate with its chain, for a P-CSCF that asks for one; its key is sealed for the purpose `tls` and the home domain',
    ),
});

/** RFC 3261 §17.1.1.1; a UE toward its P-CSCF may be told 2, 16 and 17 s (3GPP TS 24.229 §7.7). */
export const sipTimers = z.object({
  t1Ms: z.int().min(100).max(10_000),
  t2Ms: z.int().min(500).max(60_000),
  t4Ms: z.int().min(500).max(60_000),
});

const SIP_TRANSPORTS = ['tcp', 'tls', 'udp'] as const;

const imsAccessFields = z.object({
  homeDomain: z.string().describe('R-URI of REGISTER and realm we answer challenges for'),
  transport: z.enum(SIP_TRANSPORTS),
  transports: z
    .array(z.enum(SIP_TRANSPORTS))
    .min(1)
    .optional()
    .describe('What discovery may choose among, best first; only `transport` where absent'),
  tls: tlsAccess.optional().describe('With transport `tls`; there is no falling back from it'),
  largeRequests: z
    .enum(['tcp', 'udp'])
    .optional()
    .describe(
      'How requests over 1300 bytes leave a `udp` trunk (RFC 3261 §18.1.1); `udp` where absent, for a P-CSCF that knows its users by their flow',
    ),
  pcscf: z
    .array(z.object({ host: z.string(), port: z.int().min(1).max(65_535).optional() }))
    .min(1)
    .describe(
      'In order of preference; without a port a name is looked up by NAPTR and SRV (RFC 3263)',
    ),
  timers: sipTimers.optional().describe('Over UDP; those of RFC 3261 where absent'),
  registrationsPerS: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('How many registrations a second may begin on one flow; 200 where absent'),
  initialAuthorization: z.boolean().describe('First REGISTER carries Authorization (REG-5)'),
  session: sessionSettings.optional(),
  media: mediaPolicy.optional(),
  learnRtpSource: z
    .boolean()
    .optional()
    .describe(
      'Media may come from elsewhere in the network that SDP names: the first packet says from where, once; otherwise it is taken from the very address and port alone',
    ),
  answerCallChallenges: z
    .boolean()
    .optional()
    .describe(
      'Answers a 407 to a call, for a core that challenges calls itself; a 407 of the callee looks the same, and collects material to guess the password by',
    ),
  refuseMd5: z
    .boolean()
    .optional()
    .describe('Answers SHA-256 alone, so that nobody between can weaken it (RFC 8760 §2.6)'),
});

/** Otherwise a demand for SRTP would be met by none, or by keys that anybody can read. */
export const imsAccess = imsAccessFields.refine(
  ({ transport, transports = [transport], media }) =>
    media?.srtp !== 'require' ||
    media.srtpKeysInClear === true ||
    transports.every((it) => it === 'tls'),
  { path: ['media', 'srtp'], message: '`require` needs TLS alone, or srtpKeysInClear' },
);

export type TlsAccess = z.infer<typeof tlsAccess>;
export type SipTimers = z.infer<typeof sipTimers>;
export type ImsAccess = z.infer<typeof imsAccess>;
export type SipTransport = ImsAccess['transport'];
