package ltl;

import com.aliyuncs.DefaultAcsClient;
import com.aliyuncs.exceptions.ClientException;
import com.aliyuncs.profile.DefaultProfile;
import com.google.gson.Gson;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Calls each action once with the official client and prints what it read, as one line of JSON: step name to result. */
public final class Main {
  private static final String REGION = "cn-shanghai";

  private final String accessKeyId = setting("LTL_ACCESS_KEY_ID");
  private final String productKey = setting("LTL_PRODUCT_KEY");
  private final String key = setting("LTL_KEY");
  private final String bizChainId = setting("LTL_BIZ_CHAIN_ID");
  private final Map<String, Object> results = new LinkedHashMap<>();

  private static String setting(String name) {
    String value = System.getenv(name);
    if (value == null || value.isEmpty()) throw new IllegalStateException(name + " is not set");
    return value;
  }

  private static DefaultAcsClient client(String accessKeyId, String secret) {
    DefaultProfile profile = DefaultProfile.getProfile(REGION, accessKeyId, secret);
    return new DefaultAcsClient(profile);
  }

  private Map<String, String> record(String... more) {
    Map<String, String> parameters = new LinkedHashMap<>(Map.of("ProductKey", productKey, "Key", key));
    for (int index = 0; index < more.length; index += 2) parameters.put(more[index], more[index + 1]);
    return parameters;
  }

  private void call(String step, DefaultAcsClient client, String action, Map<String, String> parameters) {
    try {
      results.put(step, client.getAcsResponse(new LtlRequest<>(action, parameters, FlatAnswer.class)).fields());
    } catch (ClientException error) {
      results.put(step, Map.of("errorCode", String.valueOf(error.getErrCode()), "errorMessage", String.valueOf(error.getErrMsg())));
    }
  }

  private void run() throws ClientException {
    DefaultAcsClient client = client(accessKeyId, setting("LTL_ACCESS_KEY_SECRET"));
    Map<String, String> chain = Map.of("BizChainId", bizChainId);
    String value = "温度 21.5 °C & 湿度=40 %, a+b~c*(d)'!";
    call("listProofChain", client, "ListProofChain", Map.of("Num", "1", "Size", "10"));
    call("setData", client, "SetData", record("Value", value));
    call("getData", client, "GetData", record());
    call("setDataAgain", client, "SetData", record("Value", value));
    call("attachData", client, "AttachData", record("Value", "second", "BusinessId", "ab".repeat(32)));
    call("attachDataUnnamed", client, "AttachData", record("Value", "third"));
    call("getDataByBusinessId", client, "GetData", record("BusinessId", "ab".repeat(32)));
    call("getLatestData", client, "GetData", record());
    call("getBlockChainInfo", client, "GetBlockChainInfo", record());
    call("getHistoryDataCount", client, "GetHistoryDataCount", record());
    List<Map<Object, Object>> rows =
        client.getAcsResponse(new LtlRequest<>("GetHistoryDataList", record("CurrentPage", "1", "PageSize", "2"), HistoryAnswer.class)).rows();
    results.put("getHistoryDataList", rows);
    call("describeResourceInfo", client, "DescribeResourceInfo", chain);
    call("describeCapacityInfo", client, "DescribeCapacityInfo", chain);
    call("wrongChainCode", client, "GetData", Map.of("ProductKey", "short", "Key", key));
    call("wrongSecret", client(accessKeyId, "wrong"), "GetData", record());
    call("unknownKey", client("LTAIunknown", "wrong"), "GetData", record());
  }

  public static void main(String[] arguments) throws ClientException {
    DefaultProfile.addEndpoint(REGION, "ltl", setting("LTL_ENDPOINT"));
    Main main = new Main();
    main.run();
    // Whatever the locale says.
    new PrintStream(System.out, true, StandardCharsets.UTF_8).println(new Gson().toJson(main.results));
  }
}
