/** The page of a dataset, with the form for more columns open, one for each header of a file. */
export function addColumnsPath(dataset: string, headers: string[]): string {
  const query = new URLSearchParams([['add', 'columns'], ...headers.map((header) => ['header', header])])
  return `/data/datasets/${dataset}?${query.toString()}`
}
