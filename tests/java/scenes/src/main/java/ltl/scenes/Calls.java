package ltl.scenes;

import com.aliyuncs.AcsResponse;
import com.aliyuncs.DefaultAcsClient;
import com.aliyuncs.RpcAcsRequest;
import com.aliyuncs.exceptions.ClientException;
import com.aliyuncs.profile.DefaultProfile;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** Calls as one user, and prints a line of JSON for each: step, action and what the answer's getters return, or the client's error. */
final class Calls {
  static final String REGION = "cn-shanghai";
  static final String API_VERSION = "1.0.0";

  private final DefaultAcsClient client;
  private final PrintStream out;
  private final Gson gson = new GsonBuilder().serializeNulls().create();

  Calls(Settings.Account account, PrintStream out) {
    client = new DefaultAcsClient(DefaultProfile.getProfile(REGION, account.accessKeyId, account.accessKeySecret));
    this.out = out;
  }

  <Answer extends AcsResponse> Answer call(String step, RpcAcsRequest<Answer> request) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    line.put("action", request.getSysActionName());
    try {
      Answer answer = client.getAcsResponse(request);
      line.put("answer", Getters.read(answer));
      return answer;
    } catch (ClientException error) {
      line.put("error", Map.of("code", String.valueOf(error.getErrCode()), "message", String.valueOf(error.getErrMsg())));
      throw new IllegalStateException(step + " failed: " + error.getErrCode() + " " + error.getErrMsg(), error);
    } finally {
      out.println(gson.toJson(line));
    }
  }
}
