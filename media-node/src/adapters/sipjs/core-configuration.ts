import type { URI, UserAgentCoreConfiguration } from 'sip.js/lib/core/index.js';
import { SILENT } from './silent-loggers.ts';
import { makesTransaction, type TimedTransport } from './sip-timers.ts';
import { requireUri } from './wire-uri.ts';

/** Asked anew each time: the address is known only once the flow is up, and changes with it. */
export interface CoreFacts {
  readonly impu: string;
  readonly optionTags: readonly string[];
  readonly transport: TimedTransport;
  /** Under which URI the request being handled found us. */
  readonly called: () => URI | undefined;
  readonly contactUri: () => string;
  readonly callContact: () => string;
  readonly route: () => string[];
  readonly viaHost: () => string;
}

/** How sip.js's core is to speak for one account. */
export function coreConfiguration(facts: CoreFacts): UserAgentCoreConfiguration {
  return {
    aor: requireUri(facts.impu),
    contact: {
      tempGruu: undefined,
      get pubGruu() {
        return facts.called();
      },
      get uri() {
        return requireUri(facts.contactUri());
      },
      toString: facts.callContact,
    },
    ...{ displayName: '', loggerFactory: SILENT, hackViaTcp: false, sipjsId: '' },
    get routeSet() {
      return facts.route();
    },
    supportedOptionTags: [...facts.optionTags],
    supportedOptionTagsResponse: ['outbound'],
    ...{ userAgentHeaderFieldValue: 'Isthmus', viaForceRport: true },
    get viaHost() {
      return facts.viaHost();
    },
    // Challenges are answered by `RequestAuthorization` and `Registrant`.
    authenticationFactory: () => undefined,
    transportAccessor: () => makesTransaction(facts.transport),
  };
}
