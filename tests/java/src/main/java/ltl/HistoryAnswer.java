package ltl;

import com.aliyuncs.AcsResponse;
import com.aliyuncs.transform.UnmarshallerContext;
import java.util.List;
import java.util.Map;

/** GetHistoryDataList as the product reads it: with item names, {@code Data} as a list of maps. */
public final class HistoryAnswer extends FlatAnswer {
  private List<Map<Object, Object>> rows = List.of();

  List<Map<Object, Object>> rows() {
    return rows;
  }

  @Override
  public AcsResponse getInstance(UnmarshallerContext context) {
    super.getInstance(context);
    rows = context.listMapValue(prefixOf(getClass()) + ".Data");
    return this;
  }

  @Override
  public boolean checkShowJsonItemName() {
    return true;
  }
}
