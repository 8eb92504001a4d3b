/** What a list takes when the call does not say. */
export function paged<Query extends { readonly page?: number; readonly pageSize?: number }>(query: Query) {
  return { page: 1, pageSize: 100, ...query };
}

/** As services count that take a first row and a number of rows. */
export function offsets<Query extends { readonly page?: number; readonly pageSize?: number }>({
  page = 1,
  pageSize = 100,
  ...query
}: Query) {
  return { ...query, offset: (page - 1) * pageSize, limit: pageSize };
}
