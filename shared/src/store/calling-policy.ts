import * as z from 'zod';
import { isCustomHeaderName } from '../domain/custom-header.ts';
import { RING_S } from '../domain/ring-time.ts';

/** How the numbers of a tenant's country are dialled, and how they leave for IMS. */
export const numberPlan = z.strictObject({
  countryCode: z.string().regex(/^[1-9]\d{0,2}$/),
  internationalPrefix: z
    .string()
    .regex(/^\d{1,4}$/)
    .default('00'),
  trunkPrefix: z
    .string()
    .regex(/^\d{0,2}$/)
    .default('0')
    .describe('Stands before a national number; empty where nothing does'),
  nationalDigits: z
    .int()
    .min(4)
    .max(14)
    .optional()
    .describe('A number of so many digits is national without the prefix (10 in North America)'),
  shortCodes: z
    .array(z.string().regex(/^[0-9*#]{1,8}$/))
    .max(100)
    .default([])
    .describe('Stay as dialled, whatever they begin with; emergency numbers always do'),
  globalAs: z.enum(['tel', 'sip']).default('tel').describe('`sip` with `user=phone`'),
  localAs: z
    .enum(['tel', 'sip'])
    .default('tel')
    .describe('Local numbers and short codes, with their `phone-context` (RFC 3966 §5.1.5)'),
  phoneContext: z
    .string()
    .regex(/^(?:\+\d{1,15}|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)$/)
    .optional()
    .describe('The home domain where absent (3GPP TS 24.229 §5.1.2A.1.5)'),
});

export const emergencyPolicy = z.strictObject({
  handling: z
    .enum(['refuse', 'as-dialled', 'as-service-urn'])
    .default('refuse')
    .describe('`refuse` tells the user; the others hand the call to the P-CSCF'),
  numbers: z
    .array(z.string().regex(/^\d{2,6}$/))
    .optional()
    .describe('Instead of those of 3GPP TS 22.101 §10.1; 112 and 911 are always among them'),
});

const action = z.enum(['allow', 'deny']);

export const destinationRule = z.union([
  z.strictObject({
    action,
    number: z
      .string()
      .regex(/^\+?[0-9*#]{1,20}$/)
      .describe('First digits, as dialled or with `+`'),
  }),
  z.strictObject({
    action,
    domain: z
      .string()
      .regex(/^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/)
      .describe('A domain and all below it'),
  }),
]);

export const destinationPolicy = z.strictObject({
  rules: z.array(destinationRule).max(200).describe('The first that fits decides'),
  otherwise: action.default('allow'),
});

/** What the calls of a tenant's users may do; everything has a careful default. */
export const callingPolicy = z.strictObject({
  numbers: numberPlan
    .optional()
    .describe('Where absent, a number without `+` is a user of the home domain'),
  emergency: emergencyPolicy.optional(),
  destinations: destinationPolicy.optional(),
  headers: z
    .array(z.string().refine(isCustomHeaderName, 'may not be set by a client'))
    .max(16)
    .optional()
    .describe('Header fields that clients may put into an INVITE (SES-6)'),
  accessNetworkInfo: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,32}(?:;[A-Za-z0-9=.;-]{1,128})?$/)
    .optional()
    .describe('P-Access-Network-Info; `IEEE-802.3` where absent, no such header for `none`'),
  callWaiting: z
    .boolean()
    .optional()
    .describe('A call rings on a device that is in another; true where absent, else it is busy'),
  callsPerDevice: z
    .int()
    .min(1)
    .max(8)
    .optional()
    .describe('How many calls a device may have at once, held ones among them; 4 where absent'),
  ringS: z
    .int()
    .min(RING_S.min)
    .max(RING_S.max)
    .optional()
    .describe('How long a call rings before nobody has answered it; 60 where absent'),
  trace: z
    .boolean()
    .optional()
    .describe('Lets users see the signalling of their own calls (`call.trace`)'),
});

export type NumberPlan = z.infer<typeof numberPlan>;
export type EmergencyPolicy = z.infer<typeof emergencyPolicy>;
export type DestinationRule = z.infer<typeof destinationRule>;
export type DestinationPolicy = z.infer<typeof destinationPolicy>;
export type CallingPolicy = z.infer<typeof callingPolicy>;
