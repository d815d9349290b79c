import * as z from 'zod';

export const SRTP_SUITES = [
  'AEAD_AES_256_GCM',
  'AEAD_AES_128_GCM',
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
] as const;

/** How media of one trunk or tenant is spoken with IMS (MED-3, MED-7). */
export const mediaPolicy = z.object({
  rtcpMux: z
    .boolean()
    .optional()
    .describe('RTCP may share the port of RTP: offered, and taken where offered (RFC 5761)'),
  srtp: z
    .enum(['never', 'accept', 'prefer', 'require', 'prefer-dtls', 'require-dtls'])
    .optional()
    .describe(
      'SRTP: only where IMS offers it (`accept`, the default); by SDES offered beside plain RTP (`prefer`, RFC 8643), or nothing plain (`require`); offered by DTLS beside plain RTP (`prefer-dtls`), or that and nothing else (`require-dtls`, RFC 5763)',
    ),
  srtpSuites: z
    .array(z.enum(SRTP_SUITES))
    .min(1)
    .optional()
    .describe('Best first; AES_CM_128_HMAC_SHA1_80, the two of GCM and _32 where absent'),
  inactivityS: z
    .int()
    .min(10)
    .max(86_400)
    .optional()
    .describe(
      'A call that nobody holds ends when neither RTP nor RTCP has come of IMS for so long; never where absent (MED-12)',
    ),
  srtpKeysInClear: z
    .boolean()
    .optional()
    .describe('Keys may be signalled without TLS, where everybody on the way can read them'),
});

export type MediaPolicy = z.infer<typeof mediaPolicy>;
