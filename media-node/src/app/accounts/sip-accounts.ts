import type {
  SipAccount,
  SipAccountEvent,
  SipAccountOptions,
  SipAccounts,
} from '../../ports/sip-accounts.ts';
import { Account, type AccountDeps } from './account.ts';
import { EventlessNetworks } from './eventless-networks.ts';

/** The port `SipAccounts`: what `userAgents` can do, registered as the registration machine says. */
export function createSipAccounts(deps: Omit<AccountDeps, 'eventless'>): SipAccounts {
  const eventless = new EventlessNetworks(deps.clock);
  const open = new Set<Account>();
  return {
    open(options: SipAccountOptions, onEvent: (event: SipAccountEvent) => void): SipAccount {
      const account = new Account({ ...deps, eventless }, options, {
        onEvent,
        onEnd: () => open.delete(account),
      });
      open.add(account);
      return account;
    },
    close() {
      for (const account of [...open]) account.close();
      return deps.userAgents.close();
    },
  };
}
