import type { Impu, NodeId, TenantId } from '@isthmus/shared/domain/ids';
import type { RegistrationItem } from '@isthmus/shared/store/registration-items';
import type { RegistrationDirectory } from '../../functions/src/ports/registration-directory.ts';

export class MemoryRegistrationDirectory implements RegistrationDirectory {
  readonly #items = new Map<string, RegistrationItem>();

  ownerOf(tenant: TenantId, impu: Impu): Promise<NodeId | undefined> {
    return Promise.resolve(this.#items.get(`${tenant}#${impu}`)?.owner as NodeId | undefined);
  }

  put(item: RegistrationItem): Promise<void> {
    this.#items.set(`${item.tenantId}#${item.impu}`, item);
    return Promise.resolve();
  }
}
