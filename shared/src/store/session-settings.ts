import * as z from 'zod';

/** How calls with IMS are set up and kept (SES-3, SES-4). */
export const sessionSettings = z.object({
  expiresS: z
    .union([z.literal(0), z.int().min(90).max(86_400)])
    .optional()
    .describe('Session-Expires we ask for, 1800 where absent; 0 asks for none (RFC 4028)'),
  minExpiresS: z.int().min(90).max(86_400).optional().describe('Min-SE; 90 where absent'),
  preconditions: z
    .enum(['off', 'supported', 'required'])
    .optional()
    .describe('RFC 3312; `supported` where absent, `required` refuses callers without it by 421'),
  earlyMedia: z
    .enum(['unless-refused', 'authorized-only'])
    .optional()
    .describe('What a network without P-Early-Media may let a caller hear (RFC 5009)'),
  referNews: z
    .boolean()
    .optional()
    .describe('Whether a call that is transferred is followed; `false` asks for none (RFC 4488)'),
  dtmf: z
    .enum(['rtp', 'info-dtmf-relay', 'info-dtmf'])
    .optional()
    .describe('How digits go to IMS: `rtp` (RFC 4733) where absent, or SIP INFO; all are taken'),
  redirects: z
    .int()
    .min(0)
    .max(5)
    .optional()
    .describe('How many contacts of 3xx answers one call follows; 0, none, where absent'),
});
