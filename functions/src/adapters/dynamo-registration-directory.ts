import { nodeId } from '@isthmus/shared/domain/ids';
import { registrationKey } from '@isthmus/shared/store/keys';
import { registrationItem } from '@isthmus/shared/store/registration-items';
import type { RegistrationDirectory } from '../ports/registration-directory.ts';
import type { DynamoTable } from './dynamo-table.ts';

export const createDynamoRegistrationDirectory = (table: DynamoTable): RegistrationDirectory => ({
  async ownerOf(tenant, impu) {
    const item = await table.get(registrationKey(tenant, impu), registrationItem);
    return item && nodeId(item.owner);
  },
});
