export function problemsOfAsyncApi(document: object): readonly string[];
