# قائمة الإعلانات.

announcements-new = إعلان جديد
announcements-running = معروضة الآن
announcements-coming = قادمة
announcements-past = سابقة
announcements-days = الأيام القادمة
announcements-none = لا شيء
announcements-nothing = لا شيء يُعلن الآن.
announcements-from = من
announcements-ended = انتهى
announcements-withdrawn = سُحب
announcements-named = { $count ->
    [one] سُميت واحدة عند الموعد
    [two] سُميت اثنتان عند الموعد
    [few] سُميت { $count } عند الموعد
   *[other] سُميت { $count } عند الموعد
}
announcements-all-in-time = عرضته كلها في الموعد
announcements-older = الأقدم
day-0 = اليوم
day-1 = الاثنين
day-2 = الثلاثاء
day-3 = الأربعاء
day-4 = الخميس
day-5 = الجمعة
day-6 = السبت
day-7 = الأحد
