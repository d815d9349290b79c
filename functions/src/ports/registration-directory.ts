import type { Impu, NodeId, TenantId } from '@isthmus/shared/domain/ids';

/** Who keeps a client's own registration, as the media nodes have agreed among themselves. */
export interface RegistrationDirectory {
  ownerOf(tenant: TenantId, impu: Impu): Promise<NodeId | undefined>;
}
