import type { OutputCodec } from "@concordat/api-kit";

interface ItemPage<Item> {
  page: number;
  pageSize: number;
  total: number;
  items: Item[];
}

interface PageData<Wire> {
  PageData: Wire[];
  Size: number;
  Num: number;
  Total: number;
}

/**
 * A page of a list, in the order of the document's examples. Its numbers are numbers: so say the document's tables, and all of its
 * examples but that of ListPSMemberDataTypeCode.
 */
export function pageAnswer<Item, Wire>(
  toWire: (item: Item) => Wire,
  fromWire: (wire: Wire) => Item,
): OutputCodec<ItemPage<Item>> {
  return {
    encode({ page, pageSize, total, items }) {
      const data: PageData<Wire> = { PageData: items.map(toWire), Size: pageSize, Num: page, Total: total };
      return { data };
    },
    decode(answer) {
      const data = answer.data as PageData<Wire>;
      return { page: data.Num, pageSize: data.Size, total: data.Total, items: data.PageData.map(fromWire) };
    },
  };
}
