import { type BindingPolicy, bindingPolicy, type TenantItem } from '@isthmus/shared/store/items';

const DURABLE = bindingPolicy.parse({});

/** What the tenant says of its bindings; that they last for ever, where it says nothing. */
export const bindingPolicyOf = (tenant: TenantItem | undefined): BindingPolicy =>
  tenant?.bindings ?? DURABLE;
