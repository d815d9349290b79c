import { impi, impu, tenantId } from '@isthmus/shared/domain/ids';
import type { SecretKind } from '@isthmus/shared/domain/secret-kind';
import type { SequenceRecord } from '../../core/aka/sequence.ts';
import type { BulkRegistration } from '../../core/registration/bulk.ts';
import type { Log } from '../../ports/log.ts';
import type { SipAccount, SipAccountEvent, SipAccounts } from '../../ports/sip-accounts.ts';
import type { HandOver, TenantStore, Tenure } from '../../ports/stores.ts';
import type { Unsealer } from '../../ports/unsealer.ts';
import { imsSecretOf } from './ims-secret.ts';

export interface OpenAccountDeps {
  readonly accounts: SipAccounts;
  readonly unsealer: Unsealer;
  readonly tenants: TenantStore;
}

/** What a trunk and a client's own registration have in common. */
export interface Subscription {
  readonly tenantId: string;
  readonly impu: string;
  readonly impi: string;
  readonly sealedPassword: string;
  readonly secretKind?: SecretKind | undefined;
  readonly cardSequence?: SequenceRecord | undefined;
  /** The same on every node that ever registers it (RFC 5626 §4.1). */
  readonly instanceId: string;
  readonly bulk?: BulkRegistration;
  readonly keepSequence: (accepted: SequenceRecord) => void;
}

/** Of one whose item this node keeps; what a successor accepts before it does is kept the next time. */
export function keepSequence<Name extends { readonly tenantId: string }>(
  { log, tenure }: { readonly log: Log; readonly tenure: () => Tenure },
  store: Pick<HandOver<Name, never>, 'noteSequence'>,
  name: Name,
): Subscription['keepSequence'] {
  return (accepted) => {
    store.noteSequence(name, tenure(), accepted).catch((cause: unknown) => {
      log.error('the sequence of a card could not be kept', { tenant: name.tenantId, cause });
    });
  };
}

/** An account that is about to register; its secret is in the clear here and nowhere else. */
export async function openAccount(
  { accounts, tenants, unsealer }: OpenAccountDeps,
  subscription: Subscription,
  onEvent: (event: SipAccountEvent) => void,
): Promise<SipAccount> {
  const { bulk, cardSequence = {}, instanceId, sealedPassword, secretKind } = subscription;
  const tenant = tenantId(subscription.tenantId);
  const { calling, ims: access } = await tenants.get(tenant);
  const context = { tenant, purpose: 'ims', subject: subscription.impi } as const;
  const card = { accepted: cardSequence, keep: subscription.keepSequence };
  const secret = imsSecretOf(secretKind, await unsealer.unseal(sealedPassword, context), card);
  const identities = { impu: impu(subscription.impu), impi: impi(subscription.impi) };
  const { accessNetworkInfo } = calling ?? {};
  const options = { tenant, ...identities, secret, access, instanceId, accessNetworkInfo };
  return accounts.open({ ...options, ...(bulk && { bulk }) }, onEvent);
}
